package org.quantcache.kernels.prune;

import java.util.OptionalDouble;

/**
 * What a layer that may be left out knows at a step before it decides. The decision follows from nothing else.
 *
 * @param step that is decided, from 0
 * @param visit how often the layer was reached before
 * @param computedBefore whether it was computed at an earlier step
 * @param prunedInARow how many times it was left out since it was computed last
 * @param neighbourPruned whether the layer before it was left out at this step
 * @param similarity S of the two layers before it, paper equation 9; only where it was asked for and is known
 * @param variation V of what the layer adds, paper equation 11; only where it is known
 */
public record LayerInputs(
    int step,
    long visit,
    boolean computedBefore,
    long prunedInARow,
    boolean neighbourPruned,
    OptionalDouble similarity,
    OptionalDouble variation) {

  /** The same with another similarity. */
  public LayerInputs withSimilarity(double value) {
    return new LayerInputs(
        step,
        visit,
        computedBefore,
        prunedInARow,
        neighbourPruned,
        OptionalDouble.of(value),
        variation);
  }

  /** The same with another variation. */
  public LayerInputs withVariation(double value) {
    return new LayerInputs(
        step,
        visit,
        computedBefore,
        prunedInARow,
        neighbourPruned,
        similarity,
        OptionalDouble.of(value));
  }
}
