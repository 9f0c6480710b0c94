package org.quantcache.kernels.cache;

import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/** How a run decides which guarded regions it computes and which layers it leaves out. */
public sealed interface DecisionMode {
  /** By what is measured on the way. */
  DecisionMode ADAPTIVE = new Adaptive();

  /** Every region and every layer at every step: the same bits as the program without guards. */
  DecisionMode ALWAYS = new Always();

  /** As an earlier run did, or as a plan says. Nothing is measured. */
  static DecisionMode replay(DecisionTrace trace) {
    return new Replay(trace);
  }

  record Adaptive() implements DecisionMode {}

  record Always() implements DecisionMode {}

  record Replay(DecisionTrace trace) implements DecisionMode {
    /** Decisions of one guard. @throws UserError RT0110 when the trace is of another loop or program */
    List<Decision> of(String guard, int steps) {
      List<Decision> decisions = trace.guards().get(guard);
      if (decisions == null) {
        throw UserError.of("RT0110", "the decisions do not say what guard '%s' does", guard)
            .withHint(
                "they know %s; replay a trace of this very program",
                trace.guards().keySet());
      }
      requireSteps("guard '" + guard + "'", decisions.size(), steps);
      if (steps > 0 && !decisions.get(0).computed()) {
        throw UserError.of(
                "RT0110", "guard '%s' reuses its value at step 0, where there is none", guard)
            .withHint("let the first step be computed");
      }
      return decisions;
    }

    /** Decisions of one layer. @throws UserError RT0110 when the trace is of another loop or program */
    public List<LayerDecision> ofLayer(String layer, int steps) {
      List<LayerDecision> decisions = trace.layers().get(layer);
      if (decisions == null) {
        throw UserError.of("RT0110", "the decisions do not say what layer '%s' does", layer)
            .withHint(
                "they know %s; replay a trace of this very program",
                trace.layers().keySet());
      }
      requireSteps("layer '" + layer + "'", decisions.size(), steps);
      return decisions;
    }

    private void requireSteps(String what, int decided, int steps) {
      if (trace.steps() != steps || decided != steps) {
        throw UserError.of(
                "RT0110", "%s has decisions for %d steps, the run has %d", what, decided, steps)
            .withHint("run with --steps %d, or replay another trace", decided);
      }
    }
  }
}
