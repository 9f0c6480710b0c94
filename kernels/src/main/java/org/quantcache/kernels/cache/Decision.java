package org.quantcache.kernels.cache;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What one guard did at one step.
 *
 * @param step index of the step, from 0
 * @param computed false when the value was reused
 * @param divergence D, mean of the probes; only where it was measured
 * @param noiseDominated whether a probe saw no more than quantization alone causes
 * @param weights of the last computed values, newest first, at a step that reuses as planned; empty for those that the
 *     polynomial through these values has
 */
public record Decision(
    int step,
    boolean computed,
    OptionalDouble divergence,
    boolean noiseDominated,
    List<Float> weights) {
  public Decision {
    weights = ImmutableList.copyOf(weights);
  }

  /** A decision that rests on no measurement. */
  static Decision unmeasured(int step, boolean computed) {
    return new Decision(step, computed, OptionalDouble.empty(), false, List.of());
  }
}
