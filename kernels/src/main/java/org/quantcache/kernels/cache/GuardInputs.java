package org.quantcache.kernels.cache;

import java.util.OptionalDouble;
import org.quantcache.ir.policy.GuardPolicy;

/**
 * What a guard knows at a step before it decides by its policy. The decision follows from nothing else.
 *
 * @param step that is decided, from 0
 * @param steps length of the loop
 * @param lastComputed last step at which the region was computed, -1 before the first
 * @param since step from which the interval counts: the one that was measured last, or computed last; -1 before both
 * @param divergence D that was measured at {@code since}; empty where none was
 * @param carried sum of the divergences behind {@code lastComputed} and before this one
 */
public record GuardInputs(
    int step, int steps, int lastComputed, int since, OptionalDouble divergence, double carried) {

  /** Whether {@code policy} computes the region at this step. */
  public boolean computes(GuardPolicy policy) {
    return always(policy) || step >= next(policy);
  }

  /** Whether {@code policy} computes this step whatever was measured. */
  public boolean always(GuardPolicy policy) {
    return policy.always(step, steps);
  }

  /** The next step that {@code policy} computes by what was measured. */
  public long next(GuardPolicy policy) {
    if (since < 0) {
      return 0;
    }
    return since + (divergence.isEmpty() ? unmeasured(policy) : policy.interval(sum(policy)));
  }

  /** What {@code policy} decides by once a divergence is known. */
  public double sum(GuardPolicy policy) {
    return policy.accumulated(carried, divergence.orElse(Double.NaN));
  }

  /** Steps since the region was computed. */
  public int age() {
    return step - lastComputed;
  }

  /** The same with another divergence in place of the one that was measured. */
  public GuardInputs withDivergence(double value) {
    return new GuardInputs(step, steps, lastComputed, since, OptionalDouble.of(value), carried);
  }

  /** A policy that waits for a measurement computes at once where there is none. */
  private static long unmeasured(GuardPolicy policy) {
    return policy.measures() ? 1 : policy.interval(Double.NaN);
  }
}
