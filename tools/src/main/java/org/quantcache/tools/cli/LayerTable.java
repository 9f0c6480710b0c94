package org.quantcache.tools.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.quantcache.tools.layers.LayerComparison;
import org.quantcache.tools.layers.LayerRow;

/** Prints what {@code compare-layers} found: a line for each value, then what stands out. */
final class LayerTable {
  private final LayerComparison found;
  private final double tolerance;

  LayerTable(LayerComparison found, double tolerance) {
    this.found = found;
    this.tolerance = tolerance;
  }

  /** @param rows that are printed, all or some of those that were found */
  void print(PrintWriter out, List<LayerRow> rows, boolean unmatched) {
    int at = Math.max(5, rows.stream().mapToInt(r -> r.at().length()).max().orElse(0));
    int ops = Math.max(4, rows.stream().mapToInt(r -> ops(r).length()).max().orElse(0));
    String format = "%4s %-" + at + "s %-" + ops + "s %12s %12s %9s%n";
    out.printf(Locale.ROOT, format, "step", "place", "A, B", "relative L2", "max error", "SQNR dB");
    for (LayerRow row : rows) {
      out.printf(
          Locale.ROOT,
          format,
          row.step(),
          row.at(),
          ops(row),
          scientific(row.relativeL2()),
          scientific(row.distance().maxError()),
          decibels(row.distance().sqnrDb()));
    }
    summary(out);
    if (unmatched) {
      found
          .alone()
          .forEach(value ->
              out.printf(Locale.ROOT, "%s alone: %s (%s)%n", value.side(), value.at(), value.op()));
    }
    out.flush();
  }

  private void summary(PrintWriter out) {
    out.println();
    out.println("first beyond " + tolerance + ": " + described(found.firstBeyond(tolerance)));
    out.println("worst: " + described(found.worst()));
    if (found.notFinite().isEmpty()) {
      out.println("not finite: none");
    }
    found
        .notFinite()
        .forEach(value -> out.printf(
            Locale.ROOT,
            "not finite: %s at %s (%s), step %d: %s%n",
            value.side(),
            value.at(),
            value.op(),
            value.step(),
            value.why()));
    long ofA = found.alone().stream().filter(v -> v.side().equals("a")).count();
    out.printf(
        Locale.ROOT,
        "compared %d values, %.2f MB; at most %.2f MB waited; without a partner: %d of A, %d of B%n",
        found.rows().size(),
        found.comparedBytes() / 1e6,
        found.peakBytes() / 1e6,
        ofA,
        found.alone().size() - ofA);
  }

  private String described(OptionalInt index) {
    if (index.isEmpty()) {
      return "none";
    }
    LayerRow row = found.rows().get(index.getAsInt());
    return row.at() + " (" + ops(row) + "), step " + row.step() + ", relative L2 "
        + scientific(row.relativeL2()) + ", SQNR " + decibels(row.distance().sqnrDb()) + " dB";
  }

  private static String ops(LayerRow row) {
    return row.opA().equals(row.opB()) ? row.opA() : row.opA() + ", " + row.opB();
  }

  private static String scientific(double value) {
    return Double.isNaN(value) ? "NaN" : String.format(Locale.ROOT, "%.3e", value);
  }

  private static String decibels(double value) {
    return Double.isNaN(value)
        ? "NaN"
        : Double.isInfinite(value)
            ? value > 0 ? "equal" : "-inf"
            : String.format(Locale.ROOT, "%.2f", value);
  }
}
