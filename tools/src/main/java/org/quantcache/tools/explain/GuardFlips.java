package org.quantcache.tools.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.kernels.cache.Divergence;
import org.quantcache.kernels.cache.GuardInputs;
import org.quantcache.kernels.explain.GuardStep;

/** What would have turned round the decision of a guard that decides by what it measures, or by a fixed interval. */
final class GuardFlips {
  private final GuardPolicy policy;
  private final GuardStep decided;
  private final GuardInputs inputs;
  private final String opposite;
  private final List<Flip> flips = new ArrayList<>();

  GuardFlips(GuardPolicy policy, GuardStep decided, GuardInputs inputs) {
    this.policy = policy;
    this.decided = decided;
    this.inputs = inputs;
    this.opposite = decided.computed() ? "reused" : "computed";
  }

  List<Flip> all() {
    if (inputs.always(policy)) {
      always();
      return flips;
    }
    if (inputs.divergence().isPresent()) {
      double d = inputs.divergence().getAsDouble();
      List<Double> edges = DivergenceEdges.of(policy, inputs);
      Flip.above(d, edges, this::computesAt).ifPresent(needed -> divergence(d, needed));
      Flip.below(d, edges, this::computesAt).ifPresent(needed -> divergence(d, needed));
      thresholds();
    }
    earlierStep();
    return flips;
  }

  private void always() {
    if (inputs.step() < inputs.next(policy)) {
      flips.add(Flip.of(
          "steps always computed",
          "without this step among them it is reused until step " + inputs.next(policy)));
    }
  }

  private boolean computesAt(double divergence) {
    return inputs.withDivergence(divergence).computes(policy);
  }

  private void divergence(double found, double needed) {
    flips.add(Flip.of("D", found, needed, opposite + consequence(inputs.withDivergence(needed))));
    if (decided.measured().size() == 1 && policy.metric().norm() == DivergenceMetric.Norm.L1_REL) {
      Divergence d = decided.measured().get(0);
      double spread = needed * d.gap() / d.motion();
      if (d.motion() > 0 && Double.isFinite(spread)) {
        flips.add(Flip.of(
            "relative change",
            d.relative(),
            Math.sqrt(spread * spread + d.floor() * d.floor()),
            "that D"));
      }
    }
  }

  private String consequence(GuardInputs other) {
    if (policy.measuresInput()) {
      return ", the sum is then " + Numbers.of(other.sum(policy));
    }
    return ", the interval is then " + (other.next(policy) - other.since());
  }

  private void thresholds() {
    double sum = inputs.sum(policy);
    for (Thresholds.Threshold<GuardPolicy> threshold : Thresholds.of(policy)) {
      List<Double> edges = sum > 0 && Double.isFinite(sum) ? List.of(sum) : List.of();
      OptionalDouble up = Flip.above(
          threshold.value(), edges, v -> inputs.computes(threshold.moved().apply(v)));
      OptionalDouble down = Flip.below(
          threshold.value(), edges, v -> inputs.computes(threshold.moved().apply(v)));
      up.ifPresent(v -> flips.add(Flip.of(threshold.name(), threshold.value(), v, opposite)));
      down.ifPresent(v -> flips.add(Flip.of(threshold.name(), threshold.value(), v, opposite)));
    }
  }

  /** Where the interval counts from. */
  private void earlierStep() {
    if (inputs.since() < 0) {
      return;
    }
    if (policy.measuresInput()) {
      if (inputs.divergence().isPresent()) {
        flips.add(Flip.of(
            "an earlier step",
            decided.computed()
                ? "computed after step " + inputs.lastComputed() + ": the sum starts anew behind it"
                : "reused in place of step " + inputs.lastComputed()
                    + ": the sum goes on from before it"));
      }
      return;
    }
    long interval = inputs.next(policy) - inputs.since();
    long latest = inputs.step() - interval;
    if (!decided.computed() && latest >= 0) {
      flips.add(Flip.of(
          "an earlier step",
          "computed last at step " + latest + " instead of " + inputs.since()
              + ": with an interval of " + interval + " this one is due"));
    } else if (decided.computed() && latest + 1 < inputs.step()) {
      flips.add(Flip.of(
          "an earlier step",
          "computed last at step " + (latest + 1) + " or later instead of " + inputs.since()
              + ": with an interval of " + interval + " this one is not due"));
    }
  }
}
