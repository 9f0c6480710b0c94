package org.quantcache.kernels.cache;

import java.util.OptionalDouble;

/**
 * What one layer that may be left out did at one step.
 *
 * @param step index of the step, from 0
 * @param outcome what was done
 * @param similarity S of the two layers before it, paper equation 9; only where it was asked for
 * @param variation V of what the layer adds, paper equation 11; only where it was known
 */
public record LayerDecision(
    int step, Outcome outcome, OptionalDouble similarity, OptionalDouble variation) {
  /** What was done. */
  public enum Outcome {
    COMPUTED,
    PRUNED,
    /** The layer stands in a region that was reused as a whole. */
    NOT_REACHED
  }

  /** A decision that rests on no measurement. */
  public static LayerDecision unmeasured(int step, Outcome outcome) {
    return new LayerDecision(step, outcome, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Whether the layer was left out. */
  public boolean pruned() {
    return outcome == Outcome.PRUNED;
  }
}
