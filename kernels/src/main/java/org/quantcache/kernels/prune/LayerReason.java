package org.quantcache.kernels.prune;

import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.VisitPolicy;
import org.quantcache.kernels.cache.LayerRule;

/** Why a layer is left out of a step, or why it is not; method section 3. */
public enum LayerReason {
  /** It foretells what it adds from what it added, and was not computed yet. */
  NOTHING_KEPT,
  PLANNED,
  NOT_PLANNED,
  /** The two layers before it were not both measured. */
  NOT_COMPARED,
  LEFT_OUT_OFTEN_ENOUGH,
  NEIGHBOUR_LEFT_OUT,
  MOVES_TOO_FAR,
  ALIKE,
  LEFT_OUT_BY_CHANCE,
  KEPT_BY_CHANCE,
  NOT_ALIKE;

  /** Why {@code rule} decides as it does. */
  public static LayerReason of(LayerRule rule, LayerInputs inputs) {
    if (rule.kept() > 0 && !inputs.computedBefore()) {
      return NOTHING_KEPT;
    }
    if (rule.policy() instanceof VisitPolicy plan) {
      return plan.pruned().contains(inputs.visit()) ? PLANNED : NOT_PLANNED;
    }
    return of(rule, (SimilarityPolicy) rule.policy(), inputs);
  }

  private static LayerReason of(LayerRule rule, SimilarityPolicy policy, LayerInputs inputs) {
    if (inputs.similarity().isEmpty()) {
      return NOT_COMPARED;
    }
    if (inputs.prunedInARow() >= policy.inARow()) {
      return LEFT_OUT_OFTEN_ENOUGH;
    }
    // Two neighbours in a row are never left out.
    if (inputs.neighbourPruned()) {
      return NEIGHBOUR_LEFT_OUT;
    }
    if (policy.variationCounts()
        && inputs.variation().orElse(SimilarityPolicy.NEVER) > policy.deltaHigh()) {
      return MOVES_TOO_FAR;
    }
    double found = inputs.similarity().getAsDouble();
    if (found > threshold(policy, inputs)) {
      return ALIKE;
    }
    if (!(found >= policy.tauLow())) {
      return NOT_ALIKE;
    }
    return chance(rule, inputs.step()) < policy.probability() ? LEFT_OUT_BY_CHANCE : KEPT_BY_CHANCE;
  }

  /** Similarity above which the layer is left out for sure: relaxed where it hardly moves. */
  public static double threshold(SimilarityPolicy policy, LayerInputs inputs) {
    boolean calm =
        inputs.variation().isPresent() && inputs.variation().getAsDouble() < policy.deltaLow();
    return calm ? policy.tauHigh() - policy.relax() : policy.tauHigh();
  }

  /** The number in 0..1 that decides by chance at a step: below the probability the layer is left out. */
  public static double chance(LayerRule rule, int step) {
    long seed = rule.policy() instanceof SimilarityPolicy policy ? policy.seed() : 0;
    return Chance.of(seed, step, rule.kind(), rule.layer());
  }

  /** Whether the layer is left out. */
  public boolean prunes() {
    return switch (this) {
      case PLANNED, ALIKE, LEFT_OUT_BY_CHANCE -> true;
      case NOTHING_KEPT,
          NOT_PLANNED,
          NOT_COMPARED,
          LEFT_OUT_OFTEN_ENOUGH,
          NEIGHBOUR_LEFT_OUT,
          MOVES_TOO_FAR,
          KEPT_BY_CHANCE,
          NOT_ALIKE -> false;
    };
  }
}
