package org.quantcache.kernels.cache;

import java.util.OptionalDouble;

/**
 * What one guard did at one step.
 *
 * @param step index of the step, from 0
 * @param computed false when the value was reused
 * @param divergence D, mean of the probes; only where it was measured
 * @param noiseDominated whether a probe saw no more than quantization alone causes
 */
public record Decision(
    int step, boolean computed, OptionalDouble divergence, boolean noiseDominated) {
  /** A decision that rests on no measurement. */
  static Decision unmeasured(int step, boolean computed) {
    return new Decision(step, computed, OptionalDouble.empty(), false);
  }
}
