package org.quantcache.tools.explain;

import java.io.PrintWriter;
import java.util.Locale;

/** The summary of a trace as text. */
public final class SummaryText {
  private final TraceSummary summary;

  public SummaryText(TraceSummary summary) {
    this.summary = summary;
  }

  /** What was decided, a line for each guard and each kind of layers; then the thresholds. */
  public void print(PrintWriter out) {
    for (TraceSummary.GuardRow row : summary.guards()) {
      out.printf(
          Locale.ROOT,
          "guard '%s' computed %d of %d steps, hit rate %.1f %%%s%s%n",
          row.name(),
          row.computed(),
          row.steps(),
          100 * row.hitRate(),
          row.measured() == 0
              ? ""
              : "; D measured at " + row.measured() + " steps, dominated by noise at "
                  + row.noiseDominated(),
          row.notReached() == 0 ? "" : "; not reached at " + row.notReached());
    }
    for (TraceSummary.LayerRow row : summary.layers()) {
      out.printf(
          Locale.ROOT,
          "%d layers or branches '%s' left out %d times of %d that they were reached%n",
          row.layers(),
          row.kind(),
          row.pruned(),
          row.reached());
    }
    cliffs(out);
  }

  private void cliffs(PrintWriter out) {
    if (summary.cliffs().isEmpty()) {
      return;
    }
    out.printf(
        Locale.ROOT,
        "%-28s %10s %12s %12s   decisions that flip at -10 %%, -5 %%, +5 %%, +10 %%%n",
        "threshold",
        "value",
        "next below",
        "next above");
    for (Cliff cliff : summary.cliffs()) {
      StringBuilder flips = new StringBuilder();
      Cliff.MOVES.forEach(
          move -> flips.append(String.format(Locale.ROOT, " %6d", cliff.flips().get(move))));
      out.printf(
          Locale.ROOT,
          "%-28s %10s %12s %12s   %s%n",
          cliff.of() + " " + cliff.threshold().replaceAll("^bound .*", "bound"),
          Numbers.exact(cliff.value()),
          Numbers.of(cliff.below()),
          Numbers.of(cliff.above()),
          flips);
    }
  }
}
