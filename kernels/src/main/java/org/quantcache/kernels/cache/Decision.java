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
 * @param bits of activations that follow this guard; 0 where none do
 * @param weights of the last computed values, newest first, at a step that reuses as planned; empty for those that the
 *     polynomial through these values has
 */
public record Decision(
    int step,
    boolean computed,
    OptionalDouble divergence,
    boolean noiseDominated,
    int bits,
    List<Float> weights) {
  public Decision {
    weights = ImmutableList.copyOf(weights);
  }

  /** A decision that rests on no measurement. */
  public static Decision unmeasured(int step, boolean computed) {
    return new Decision(step, computed, OptionalDouble.empty(), false, 0, List.of());
  }

  /** The same at a step that computes. */
  Decision asComputed() {
    return new Decision(step, true, divergence, noiseDominated, bits, weights);
  }

  /** The same with a measurement. */
  Decision measured(double value, boolean noise) {
    return new Decision(step, computed, OptionalDouble.of(value), noise, bits, weights);
  }

  /** The same with bits of activations. */
  Decision withBits(int taken) {
    return new Decision(step, computed, divergence, noiseDominated, taken, weights);
  }
}
