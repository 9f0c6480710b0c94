package org.quantcache.tools.report;

import org.quantcache.kernels.cache.DecisionTrace;

/** What was decided in a run, in words. */
final class DecisionSummary {
  private static final int NAMED_GUARDS = 3;

  private DecisionSummary() {}

  static String of(DecisionTrace trace) {
    if (trace.isEmpty()) {
      return "This program decides nothing: every step computes everything.";
    }
    StringBuilder out = new StringBuilder();
    trace.guards().keySet().stream()
        .limit(NAMED_GUARDS)
        .forEach(name -> out.append("Guard ")
            .append(name)
            .append(" computed ")
            .append(trace.computed(name))
            .append(" of ")
            .append(trace.steps())
            .append(" steps. "));
    if (!trace.layers().isEmpty()) {
      out.append("Layers or branches of them were left out ")
          .append(trace.pruned())
          .append(trace.pruned() == 1 ? " time." : " times.");
    }
    return out.toString().strip();
  }
}
