package org.quantcache.tools.explain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.PlanPolicy;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionBasis.Mode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Divergence;
import org.quantcache.kernels.cache.GuardBasis;
import org.quantcache.kernels.cache.GuardInputs;
import org.quantcache.kernels.explain.GuardStep;

/** Explains what one guard did. */
final class GuardExplainer {
  private final String name;
  private final DecisionTrace trace;
  private final Mode mode;
  private final GuardBasis basis;
  private final GuardPolicy policy;
  private final List<GuardStep> steps;

  GuardExplainer(String name, DecisionTrace trace, List<GuardStep> steps) {
    this.name = name;
    this.trace = trace;
    this.mode = trace.basis().orElseThrow().mode();
    this.basis = trace.basis().orElseThrow().guards().get(name);
    this.policy = basis.policy();
    this.steps = steps;
  }

  Explanation at(int step) {
    GuardStep decided = steps.get(step);
    String outcome =
        decided.inputs().isEmpty() ? "not reached" : decided.computed() ? "computed" : "reused";
    return new Explanation(
        "guard '" + name + "'", step, outcome, reason(decided), inputs(decided), flips(decided));
  }

  /** Why, in a sentence. */
  String reason(GuardStep decided) {
    if (decided.inputs().isEmpty()) {
      return "it stands in a region that was reused at this step";
    }
    return switch (mode) {
      case ALWAYS -> "the run computed every step";
      case REPLAY ->
        "the run replayed other decisions, which " + (decided.computed() ? "compute" : "reuse")
            + " it";
      case ADAPTIVE -> reason(decided.inputs().get());
    };
  }

  private String reason(GuardInputs inputs) {
    if (policy instanceof PlanPolicy) {
      return inputs.always(policy)
          ? "the plan computes this step"
          : "the plan does not compute this step";
    }
    if (inputs.always(policy)) {
      return AlwaysWords.of(policy, inputs);
    }
    if (inputs.divergence().isEmpty()) {
      return policy.measures()
          ? "nothing was measured since step " + inputs.since() + ", so it is computed at once"
          : interval(inputs, "every " + policy.interval(Double.NaN) + " steps");
    }
    if (policy instanceof AccumulatePolicy sum) {
      double reached = inputs.sum(policy);
      return "changes add up to " + Numbers.of(reached) + ", "
          + (reached < sum.threshold() ? "below" : "not below") + " the threshold "
          + Numbers.exact(sum.threshold());
    }
    return interval(
        inputs,
        "D of step " + inputs.since() + " is " + Numbers.of(inputs.divergence())
            + ", which gives an interval of " + (inputs.next(policy) - inputs.since()));
  }

  private String interval(GuardInputs inputs, String rule) {
    return rule + ": due at step " + inputs.next(policy);
  }

  private Map<String, String> inputs(GuardStep decided) {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("policy", policy.attribute().text());
    Decision recorded = trace.guards().get(name).get(decided.step());
    decided.inputs().ifPresent(inputs -> {
      out.put(
          "last computed",
          inputs.lastComputed() < 0
              ? "never"
              : "step " + inputs.lastComputed() + ", " + inputs.age() + " before this one");
      if (mode == Mode.ADAPTIVE) {
        measured(decided, inputs, out);
      }
    });
    planned().ifPresent(plan -> out.put("computed steps", plan));
    if (recorded.bits() > 0) {
      out.put(
          "activations",
          recorded.bits() + " bits"
              + basis.bits().map(bits -> " by " + bits.attribute().text()).orElse(""));
    }
    return out;
  }

  private void measured(GuardStep decided, GuardInputs inputs, Map<String, String> out) {
    if (inputs.divergence().isEmpty()) {
      return;
    }
    boolean noise = decided.measured().stream().anyMatch(Divergence::noiseDominated);
    out.put(
        "D",
        Numbers.of(inputs.divergence()) + " at step " + inputs.since()
            + (noise ? ", dominated by noise" : ""));
    for (int i = 0; i < decided.measured().size(); i++) {
      out.put("probe " + i, probe(decided.measured().get(i)));
    }
    if (policy.measuresInput()) {
      out.put(
          "sum",
          Numbers.of(inputs.carried()) + " before, " + Numbers.of(inputs.sum(policy)) + " now");
    } else {
      out.put(
          "interval",
          (inputs.next(policy) - inputs.since()) + " steps, due at step " + inputs.next(policy)
              + shortest());
    }
  }

  /** A step that is younger than any interval is reused whatever D is. */
  private String shortest() {
    return policy instanceof CodebookPolicy codebook
        ? "; there are " + Collections.min(codebook.intervals().values()) + ".."
            + Collections.max(codebook.intervals().values())
        : "";
  }

  private static String probe(Divergence d) {
    return "relative change " + Numbers.of(d.relative())
        + (d.distance() == d.relative() ? "" : ", mean change " + Numbers.of(d.distance()))
        + ", spread over " + d.gap()
        + " steps, motion factor " + Numbers.of(d.motion())
        + (d.floor() > 0
            ? ", noise floor " + Numbers.of(d.floor()) + " leaves " + Numbers.of(100 * d.kept())
                + " %"
            : "");
  }

  /** What a plan or a replayed run computes. */
  private Optional<String> planned() {
    if (mode == Mode.ADAPTIVE && !(policy instanceof PlanPolicy)) {
      return Optional.empty();
    }
    return Optional.of(
        steps.stream().filter(GuardStep::computed).map(GuardStep::step).toList().toString());
  }

  private List<Flip> flips(GuardStep decided) {
    if (decided.inputs().isEmpty()) {
      return List.of(Flip.of("the guard around it", "computes this step"));
    }
    GuardInputs inputs = decided.inputs().get();
    return switch (mode) {
      case ALWAYS -> List.of(Flip.of("--decisions", "adaptive"));
      case REPLAY ->
        List.of(Flip.of(
            "the replayed trace",
            decided.computed()
                ? "does not name step " + decided.step() + " as computed"
                : "names step " + decided.step() + " as computed"));
      case ADAPTIVE ->
        policy instanceof PlanPolicy
            ? planFlips(decided)
            : new GuardFlips(policy, decided, inputs).all();
    };
  }

  private List<Flip> planFlips(GuardStep decided) {
    int step = decided.step();
    if (decided.computed()) {
      return step == 0 ? List.of() : List.of(Flip.of("the plan", "does not name step " + step));
    }
    List<Flip> out = new ArrayList<>();
    OptionalInt before =
        IntStream.range(0, step).filter(s -> steps.get(s).computed()).reduce((a, b) -> b);
    OptionalInt after =
        IntStream.range(step, steps.size()).filter(s -> steps.get(s).computed()).findFirst();
    out.add(Flip.of(
        "the plan",
        "names step " + step + "; the nearest that it names are "
            + (before.isPresent() ? before.getAsInt() : "none") + " before and "
            + (after.isPresent() ? after.getAsInt() : "none") + " after"));
    return out;
  }
}
