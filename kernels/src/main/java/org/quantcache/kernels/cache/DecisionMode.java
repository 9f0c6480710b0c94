package org.quantcache.kernels.cache;

import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/** How a run decides which guarded regions it computes. */
public sealed interface DecisionMode {
  /** By what is measured on the way. */
  DecisionMode ADAPTIVE = new Adaptive();

  /** Every region at every step: the same bits as the program without guards. */
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
      if (trace.steps() != steps || decisions.size() != steps) {
        throw UserError.of(
                "RT0110",
                "guard '%s' has decisions for %d steps, the run has %d",
                guard,
                decisions.size(),
                steps)
            .withHint("run with --steps %d, or replay another trace", decisions.size());
      }
      if (steps > 0 && !decisions.get(0).computed()) {
        throw UserError.of(
                "RT0110", "guard '%s' reuses its value at step 0, where there is none", guard)
            .withHint("let the first step be computed");
      }
      return decisions;
    }
  }
}
