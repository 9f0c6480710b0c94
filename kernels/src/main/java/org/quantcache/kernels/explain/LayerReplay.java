package org.quantcache.kernels.explain;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.kernels.cache.DecisionBasis;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.kernels.cache.LayerRule;
import org.quantcache.kernels.prune.LayerInputs;
import org.quantcache.kernels.prune.LayerReason;

/** Goes through the steps of a trace once more and gathers what each layer knew when it was reached. */
final class LayerReplay {
  private final DecisionTrace trace;
  private final DecisionBasis basis;

  LayerReplay(DecisionTrace trace, DecisionBasis basis) {
    this.trace = trace;
    this.basis = basis;
  }

  Map<String, List<LayerStep>> steps() {
    Map<String, List<LayerStep>> out = new LinkedHashMap<>();
    basis.layers().forEach((name, rule) -> out.put(name, steps(name, rule)));
    return out;
  }

  private List<LayerStep> steps(String name, LayerRule rule) {
    List<LayerStep> out = new ArrayList<>();
    long visits = 0;
    long inARow = 0;
    boolean computed = false;
    for (LayerDecision decision : trace.layers().get(name)) {
      if (decision.outcome() == Outcome.NOT_REACHED) {
        out.add(
            new LayerStep(decision.step(), decision.outcome(), Optional.empty(), Optional.empty()));
        continue;
      }
      out.add(decide(
          rule,
          decision,
          new LayerInputs(
              decision.step(),
              visits,
              computed,
              inARow,
              neighbourPruned(rule, decision.step()),
              decision.similarity(),
              decision.variation())));
      visits++;
      inARow = decision.pruned() ? inARow + 1 : 0;
      computed |= !decision.pruned();
    }
    return ImmutableList.copyOf(out);
  }

  private LayerStep decide(LayerRule rule, LayerDecision decision, LayerInputs inputs) {
    if (basis.mode() == DecisionBasis.Mode.REPLAY) {
      return new LayerStep(
          decision.step(), decision.outcome(), Optional.of(inputs), Optional.empty());
    }
    if (basis.mode() == DecisionBasis.Mode.ALWAYS) {
      return new LayerStep(
          decision.step(), Outcome.COMPUTED, Optional.of(inputs), Optional.empty());
    }
    LayerReason reason = LayerReason.of(rule, inputs);
    return new LayerStep(
        decision.step(),
        reason.prunes() ? Outcome.PRUNED : Outcome.COMPUTED,
        Optional.of(inputs),
        Optional.of(reason));
  }

  /** Whether the layer before, or a branch of it, is left out at the step. */
  private boolean neighbourPruned(LayerRule rule, int step) {
    return basis.layers().entrySet().stream()
        .filter(e ->
            e.getValue().kind().equals(rule.kind()) && e.getValue().layer() == rule.layer() - 1)
        .anyMatch(e -> trace.layers().get(e.getKey()).get(step).pruned());
  }
}
