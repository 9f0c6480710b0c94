package org.quantcache.tools.inspect;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.quantcache.codegen.bench.Roofline;
import org.quantcache.ir.core.Cost;

/**
 * Layers as text.
 *
 * @param rows in program order
 * @param roofline of the machine, where it was measured
 */
public record LayerTable(List<LayerRow> rows, Optional<Roofline> roofline) {
  private static final int PLACE = 44;

  /** Prints a table for each function, then what the whole of it takes. */
  public void print(PrintWriter out) {
    roofline.ifPresent(r -> out.printf(
        Locale.ROOT,
        "%nroofline of this machine, %d threads: %.1f GFLOP/s of floats, %.1f Gop/s of bytes, %.1f GB/s from memory,"
            + " %.1f GB/s from a cache of %.1f MB%n",
        r.threads(),
        r.gigaflops(),
        r.gigaops(),
        r.gigabytes(),
        r.cached(),
        r.cacheBytes() / 1e6));
    rows.stream().map(LayerRow::function).distinct().forEach(name -> function(out, name));
  }

  private void function(PrintWriter out, String name) {
    List<LayerRow> of = rows.stream().filter(row -> row.function().equals(name)).toList();
    out.printf(
        Locale.ROOT,
        "%n  %-" + PLACE + "s %-22s %5s %7s %9s %9s%s  %s%n",
        "layers of @" + name + ", each run once",
        "operation",
        "count",
        "W/A",
        "MFLOP",
        "MB",
        roofline.isPresent() ? "        us bound " : "",
        "kernel");
    part(out, of, false, "once");
    part(out, of, true, "in every computed step");
  }

  private void part(PrintWriter out, List<LayerRow> of, boolean perStep, String title) {
    List<LayerRow> part = of.stream().filter(row -> row.perStep() == perStep).toList();
    if (part.isEmpty()) {
      return;
    }
    out.println("  " + title);
    Cost sum = Cost.ZERO;
    double micros = 0;
    for (LayerRow row : part) {
      sum = sum.plus(row.cost());
      micros += micros(row);
      line(out, row);
    }
    out.printf(
        Locale.ROOT,
        "    %-" + (PLACE - 2) + "s %-22s %5d %7s %9.2f %9.2f%s%n",
        "together",
        "",
        part.stream().mapToInt(LayerRow::count).sum(),
        "",
        sum.flops() / 1e6,
        sum.bytes() / 1e6,
        roofline.isPresent() ? String.format(Locale.ROOT, " %9.1f", micros) : "");
  }

  private void line(PrintWriter out, LayerRow row) {
    out.printf(
        Locale.ROOT,
        "    %-" + (PLACE - 2) + "s %-22s %5d %7s %9.2f %9.2f%s  %s%n",
        shortened(row.at()),
        row.op(),
        row.count(),
        bits(row),
        row.cost().flops() / 1e6,
        row.cost().bytes() / 1e6,
        roofline
            .map(r -> String.format(Locale.ROOT, " %9.1f %-6s", row.micros(r), row.bound(r)))
            .orElse(""),
        row.kernels().isEmpty() ? "-" : String.join(", ", row.kernels()));
  }

  private double micros(LayerRow row) {
    return roofline.map(row::micros).orElse(0.0);
  }

  private static String bits(LayerRow row) {
    return row.weightBits() == 0 ? "" : row.weightBits() + "/" + row.activationBits();
  }

  /** The end of a place tells layers apart. */
  private static String shortened(String at) {
    String first = at.contains(" + ") ? at.substring(0, at.indexOf(" + ")) + " +" : at;
    int most = PLACE - 2;
    return first.length() <= most ? first : ".." + first.substring(first.length() - most + 2);
  }
}
