package org.quantcache.tools.explain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.VisitPolicy;
import org.quantcache.kernels.cache.DecisionBasis.Mode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.kernels.cache.LayerRule;
import org.quantcache.kernels.explain.LayerStep;
import org.quantcache.kernels.prune.LayerInputs;
import org.quantcache.kernels.prune.LayerReason;

/** Explains what one layer, or one branch of it, did. */
final class LayerExplainer {
  private final String name;
  private final DecisionTrace trace;
  private final Mode mode;
  private final LayerRule rule;
  private final List<LayerStep> steps;

  LayerExplainer(String name, DecisionTrace trace, List<LayerStep> steps) {
    this.name = name;
    this.trace = trace;
    this.mode = trace.basis().orElseThrow().mode();
    this.rule = trace.basis().orElseThrow().layers().get(name);
    this.steps = steps;
  }

  Explanation at(int step) {
    LayerStep decided = steps.get(step);
    return new Explanation(
        "layer '" + name + "'",
        step,
        outcome(decided),
        reason(decided),
        inputs(decided),
        flips(decided));
  }

  static String outcome(LayerStep decided) {
    return switch (decided.outcome()) {
      case COMPUTED -> "computed";
      case PRUNED -> "left out";
      case NOT_REACHED -> "not reached";
    };
  }

  /** Why, in a sentence. */
  String reason(LayerStep decided) {
    if (decided.inputs().isEmpty()) {
      List<String> reused = reusedGuards(decided.step());
      return "the region around it was reused at this step"
          + (reused.isEmpty() ? "" : "; see --guard " + reused.get(0));
    }
    return switch (mode) {
      case ALWAYS -> "the run computed every layer";
      case REPLAY ->
        "the run replayed other decisions, which "
            + (decided.outcome() == Outcome.PRUNED ? "leave it out" : "compute it");
      case ADAPTIVE ->
        decided.reason().map(reason -> words(reason, decided.inputs().get())).orElse("");
    };
  }

  private List<String> reusedGuards(int step) {
    return trace.guards().entrySet().stream()
        .filter(e -> !e.getValue().get(step).computed())
        .map(Map.Entry::getKey)
        .toList();
  }

  private String words(LayerReason reason, LayerInputs in) {
    String s = "S of the two layers before it is " + Numbers.of(in.similarity());
    return switch (reason) {
      case NOTHING_KEPT -> "it was not computed before, so there is nothing to reuse";
      case PLANNED -> "the plan leaves out its visit " + in.visit();
      case NOT_PLANNED -> "the plan computes its visit " + in.visit();
      case NOT_COMPARED -> "the two layers before it were not compared, so S is not known";
      case LEFT_OUT_OFTEN_ENOUGH ->
        "it was left out " + in.prunedInARow() + " times in a row, the most there may be";
      case NEIGHBOUR_LEFT_OUT -> "the layer before it is left out at this step";
      case MOVES_TOO_FAR -> "V is " + Numbers.of(in.variation()) + ", above delta_high";
      case ALIKE -> s + ", above " + Numbers.exact(threshold(in));
      case NOT_ALIKE -> s + ", below tau_low";
      case LEFT_OUT_BY_CHANCE -> s + ", between tau_low and tau_high, and chance was for it";
      case KEPT_BY_CHANCE -> s + ", between tau_low and tau_high, and chance was against it";
    };
  }

  private double threshold(LayerInputs in) {
    return LayerReason.threshold((SimilarityPolicy) rule.policy(), in);
  }

  private Map<String, String> inputs(LayerStep decided) {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("policy", rule.policy().attribute().text());
    if (decided.inputs().isEmpty()) {
      return out;
    }
    LayerInputs in = decided.inputs().get();
    out.put("visit", in.visit() + ", counted from 0");
    out.put("left out in a row", Long.toString(in.prunedInARow()));
    if (rule.policy() instanceof SimilarityPolicy policy) {
      similarity(policy, in, out);
    }
    if (in.variation().isPresent()) {
      out.put("V", Numbers.of(in.variation()));
    }
    if (rule.policy() instanceof VisitPolicy plan) {
      out.put("planned visits", plan.pruned().toString());
    }
    return out;
  }

  private void similarity(SimilarityPolicy policy, LayerInputs in, Map<String, String> out) {
    double threshold = threshold(in);
    boolean relaxed = threshold != policy.tauHigh();
    out.put("S", in.similarity().isPresent() ? Numbers.of(in.similarity()) : "not known");
    out.put(
        "left out for sure",
        "above " + Numbers.exact(threshold)
            + (relaxed ? ", relaxed by " + Numbers.exact(policy.relax()) + " since V is low" : ""));
    out.put(
        "left out by chance",
        "from " + Numbers.exact(policy.tauLow()) + " on, below a probability of "
            + Numbers.exact(policy.probability()) + "; the number of this step is "
            + Numbers.of(LayerReason.chance(rule, in.step())));
    out.put("the layer before", in.neighbourPruned() ? "left out" : "computed");
  }

  private List<Flip> flips(LayerStep decided) {
    if (decided.inputs().isEmpty()) {
      return List.of(Flip.of("the guard around it", "computes this step"));
    }
    Optional<LayerReason> reason = decided.reason();
    if (reason.isEmpty()) {
      return List.of(
          mode == Mode.ALWAYS
              ? Flip.of("--decisions", "adaptive")
              : Flip.of("the replayed trace", "says otherwise of step " + decided.step()));
    }
    return new LayerFlips(rule, decided.inputs().get(), reason.get()).all();
  }
}
