package org.quantcache.tools.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** Rows as Markdown. */
public final class SamplingTable {
  private static final String NOTHING = "-";
  private static final double MILLI = 1e3;
  private static final int LISTED_KERNELS = 5;

  private final List<SamplingRow> rows;
  private final int rounds;

  /**
   * A table.
   *
   * @param rounds loops that counted, in each row
   */
  public SamplingTable(List<SamplingRow> rows, int rounds) {
    this.rows = rows;
    this.rounds = rounds;
  }

  /** All of it: what is measured, a row for each loop, where decisions come from, where the time goes. */
  public String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Both halves of guidance; seeded weights, which say nothing about quality. Loop: inputs on the host to latents"
            + " on the host, median of " + rounds
            + " behind a first one. End to end: from nothing loaded to the latents"
            + " of the first loop, checkpoint or artifact in the cache of files; compiled PyTorch compiles meanwhile."
            + " Memory: the most that was taken of the card, without its context.");
    lines.add("");
    lines.add(
        "| build | steps | computed | left out | bits of a weight | loop, s | ms a step | end to end, s"
            + " | memory, MiB | to eager PyTorch | to compiled PyTorch | to lossless | latents, relative L2 to eager |");
    lines.add("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    rows.forEach(row -> lines.add(line(row)));
    lines.add("");
    rows.stream()
        .filter(row -> !row.hasFailed() && !row.decisions().isEmpty())
        .map(row -> "- decisions of %s: %s.".formatted(row.build(), row.decisions()))
        .distinct()
        .forEach(lines::add);
    rows.stream()
        .filter(SamplingRow::hasFailed)
        .map(row -> "- %s, %d steps failed: %s.".formatted(row.build(), row.steps(), row.failure()))
        .forEach(lines::add);
    rows.stream()
        .filter(row -> !row.measured().kernels().isEmpty())
        .map(SamplingTable::kernels)
        .forEach(lines::add);
    return String.join("\n", lines) + "\n";
  }

  private String line(SamplingRow row) {
    SamplingRow.Measured m = row.measured();
    List<String> cells = List.of(
        row.build(),
        Integer.toString(row.steps()),
        text(m.computed(), 0),
        text(m.pruned(), 0),
        text(m.weightBits(), 1),
        text(m.loop(), 2),
        text(times(m.loop(), MILLI / row.steps()), 1),
        text(m.whole(), 2),
        text(m.mebibytes(), 0),
        faster(row, TorchSampling.EAGER),
        faster(row, TorchSampling.COMPILED),
        faster(row, SamplingBuild.LOSSLESS.name()),
        m.distance().isPresent()
            ? String.format(Locale.ROOT, "%.1e", m.distance().getAsDouble())
            : NOTHING);
    return "| " + String.join(" | ", cells) + " |";
  }

  /** How many times as fast as another build with as many steps. */
  private String faster(SamplingRow row, String other) {
    OptionalDouble base = SamplingResults.find(rows, other, row.steps())
        .map(found -> found.measured().loop())
        .orElse(OptionalDouble.empty());
    return base.isPresent() && row.measured().loop().isPresent()
        ? text(times(base, 1 / row.measured().loop().getAsDouble()), 2)
        : NOTHING;
  }

  private static String kernels(SamplingRow row) {
    double all = row.measured().kernels().values().stream().mapToDouble(d -> d).sum();
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, Double> kernel : row.measured().kernels().entrySet()) {
      if (parts.size() < LISTED_KERNELS) {
        parts.add(String.format(
            Locale.ROOT, "%s %.0f %%", kernel.getKey(), 100 * kernel.getValue() / all));
      }
    }
    return "- kernels of %s, %d steps: %s."
        .formatted(row.build(), row.steps(), String.join(", ", parts));
  }

  private static OptionalDouble times(OptionalDouble value, double factor) {
    return value.isPresent() ? OptionalDouble.of(value.getAsDouble() * factor) : value;
  }

  private static String text(OptionalDouble value, int digits) {
    return value.isPresent()
        ? String.format(Locale.ROOT, "%." + digits + "f", value.getAsDouble())
        : NOTHING;
  }
}
