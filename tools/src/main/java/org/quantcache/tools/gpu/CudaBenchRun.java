package org.quantcache.tools.gpu;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.quantcache.codegen.bench.CudaBenchmark;
import org.quantcache.codegen.bench.CudaShapes;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.KernelSet;

/**
 * What a benchmark of kernels found, and on what.
 *
 * @param card where
 * @param shapes name of the sizes
 * @param date when, as ISO 8601 in UTC
 * @param command what was called
 * @param rounds turns of each kernel
 * @param rows what was measured
 */
public record CudaBenchRun(
    Card card,
    String shapes,
    String date,
    String command,
    int rounds,
    List<CudaBenchmark.Row> rows) {
  private static final String NOTHING = "-";

  /**
   * Measures.
   *
   * @param each told of every kernel before it is measured
   * @throws org.quantcache.ir.diagnostics.UserError RT02xx, RT05xx
   */
  public static CudaBenchRun of(
      CheckFiles files, int rounds, String command, Consumer<String> each) {
    List<CudaBenchmark.Row> rows = new ArrayList<>();
    try (ArtifactReader artifact = files.bench();
        CudaDevice device = CudaDevice.open();
        KernelSet kernels = KernelSet.load(device, artifact);
        CudaBenchmark benchmark = new CudaBenchmark(device, kernels)) {
      CudaShapes shapes = CheckFiles.shapes(device.isEmulated());
      benchmark.run(shapes, rounds, row -> {
        rows.add(row);
        each.accept(row.kernel() + ", " + row.rows() + " rows");
      });
      return new CudaBenchRun(
          Card.of(device),
          shapes.name(),
          Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
          command,
          rounds,
          rows);
    }
  }

  /** Everything, for JSON. */
  public Map<String, Object> facts() {
    Map<String, Object> out = new LinkedHashMap<>(card.facts());
    out.put("shapes", shapes);
    out.put("date", date);
    out.put("command", command);
    out.put("rounds", rounds);
    List<Map<String, Object>> measured = new ArrayList<>();
    for (CudaBenchmark.Row row : rows) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("kernel", row.kernel());
      one.put("rows", row.rows());
      one.put("unit", row.unit());
      put(one, "rate", row.rate());
      put(one, "ceiling", row.ceiling());
      put(one, "share", row.share());
      measured.add(one);
    }
    out.put("kernels", measured);
    return out;
  }

  private static void put(Map<String, Object> out, String name, OptionalDouble value) {
    value.ifPresent(v -> out.put(name, v));
  }

  /** Everything, as Markdown. */
  public String markdown() {
    StringBuilder out = new StringBuilder();
    line(out, "%s, %s.", card.text(), date);
    if (card.emulated()) {
      line(out, "Emulated: every kernel ran, no time means anything, so none is told.");
    } else {
      line(
          out,
          "Highest clocks %d MHz, of the memory %d MHz. Medians of %d turns. Ceilings: products of"
              + " registers by mma.sync, a copy on the device; each in turns with the kernel.",
          card.clockMegahertz(),
          card.memoryClockMegahertz(),
          rounds);
    }
    line(out, "`%s`, sizes of %s", command, shapes);
    line(out, "");
    line(out, "| kernel | rows | unit | measured | ceiling | share |");
    line(out, "|---|---|---|---|---|---|");
    for (CudaBenchmark.Row row : rows) {
      line(
          out,
          "| %s | %d | %s | %s | %s | %s |",
          row.kernel(),
          row.rows(),
          row.unit(),
          text(row.rate(), 1),
          text(row.ceiling(), 1),
          text(row.share(), 2));
    }
    return out.toString();
  }

  private static String text(OptionalDouble value, int digits) {
    return value.isPresent()
        ? String.format(Locale.ROOT, "%." + digits + "f", value.getAsDouble())
        : NOTHING;
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
