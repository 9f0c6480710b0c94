package org.quantcache.tools.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.VisitPolicy;
import org.quantcache.kernels.cache.LayerRule;
import org.quantcache.kernels.prune.LayerInputs;
import org.quantcache.kernels.prune.LayerReason;

/** What would have turned round the decision about a layer. */
final class LayerFlips {
  private final LayerRule rule;
  private final LayerInputs in;
  private final LayerReason reason;
  private final String opposite;
  private final List<Flip> flips = new ArrayList<>();

  LayerFlips(LayerRule rule, LayerInputs inputs, LayerReason reason) {
    this.rule = rule;
    this.in = inputs;
    this.reason = reason;
    this.opposite = reason.prunes() ? "computed" : "left out";
  }

  List<Flip> all() {
    if (reason == LayerReason.NOTHING_KEPT) {
      flips.add(Flip.of("an earlier step", "computes it, so that there is something to reuse"));
    } else if (rule.policy() instanceof VisitPolicy) {
      flips.add(Flip.of(
          "the plan", (reason.prunes() ? "does not name" : "names") + " visit " + in.visit()));
    } else {
      similarity((SimilarityPolicy) rule.policy());
    }
    return flips;
  }

  private void similarity(SimilarityPolicy policy) {
    if (in.similarity().isEmpty()) {
      flips.add(Flip.of(
          "the two layers before it",
          "both computed, " + policy.evidence().text().replace('_', ' ') + ", so that S is known"));
      return;
    }
    neighbours(policy);
    double s = in.similarity().getAsDouble();
    nearest(
        "S",
        s,
        List.of(policy.tauLow(), LayerReason.threshold(policy, in)),
        v -> prunes(rule, in.withSimilarity(v)));
    if (policy.variationCounts() && in.variation().isPresent()) {
      nearest(
          "V",
          in.variation().getAsDouble(),
          List.of(policy.deltaLow(), policy.deltaHigh()),
          v -> prunes(rule, in.withVariation(v)));
    }
    thresholds(Thresholds.ofSimilarity(policy), List.of(s, s + policy.relax()));
    if (in.variation().isPresent()) {
      thresholds(Thresholds.ofVariation(policy), List.of(in.variation().getAsDouble()));
    }
    chance(policy);
  }

  private void neighbours(SimilarityPolicy policy) {
    if (reason == LayerReason.NEIGHBOUR_LEFT_OUT) {
      LayerInputs other = new LayerInputs(
          in.step(),
          in.visit(),
          in.computedBefore(),
          in.prunedInARow(),
          false,
          in.similarity(),
          in.variation());
      if (prunes(rule, other)) {
        flips.add(Flip.of("the layer before it", "computed at this step"));
      }
    }
    if (reason == LayerReason.LEFT_OUT_OFTEN_ENOUGH) {
      flips.add(Flip.of(
          "in_a_row", "at least " + (in.prunedInARow() + 1) + " instead of " + policy.inARow()));
      flips.add(Flip.of("an earlier step", "its last visit computes it"));
    }
  }

  private void nearest(String what, double value, List<Double> edges, DoublePredicate decision) {
    Flip.above(value, edges, decision).ifPresent(v -> flips.add(Flip.of(what, value, v, opposite)));
    Flip.below(value, edges, decision).ifPresent(v -> flips.add(Flip.of(what, value, v, opposite)));
  }

  private void thresholds(
      List<Thresholds.Threshold<SimilarityPolicy>> thresholds, List<Double> edges) {
    for (Thresholds.Threshold<SimilarityPolicy> threshold : thresholds) {
      nearest(threshold.name(), threshold.value(), edges, v -> {
        LayerRule moved =
            new LayerRule(rule.kind(), rule.layer(), threshold.moved().apply(v), rule.kept());
        return prunes(moved, in);
      });
    }
  }

  private void chance(SimilarityPolicy policy) {
    double number = LayerReason.chance(rule, in.step());
    if (reason == LayerReason.LEFT_OUT_BY_CHANCE) {
      flips.add(Flip.of("probability", policy.probability(), number, opposite));
    } else if (reason == LayerReason.KEPT_BY_CHANCE) {
      flips.add(Flip.of("probability", policy.probability(), Math.nextUp(number), opposite));
    }
  }

  private static boolean prunes(LayerRule rule, LayerInputs inputs) {
    return LayerReason.of(rule, inputs).prunes();
  }
}
