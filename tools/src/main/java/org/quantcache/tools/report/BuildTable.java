package org.quantcache.tools.report;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Builds of one model in numbers, a row each; the one that others are judged by comes first. */
public final class BuildTable {
  private static final String NOT_JUDGED = "-";

  private final Build first;
  private final List<Build> builds;

  /** @param builds one or more */
  public BuildTable(List<Build> builds) {
    this.builds = ImmutableList.copyOf(builds);
    this.first = builds.get(0);
  }

  /** Names of the columns. */
  List<String> header() {
    return List.of(
        "build",
        "compiled",
        "video",
        "speed-up",
        "PSNR",
        "SSIM",
        "relative L1",
        "computed",
        "hit rate",
        "bits W/A",
        "weights",
        "arena");
  }

  /** One list of cells for each build, in the order of the header. */
  List<List<String>> rows() {
    return builds.stream().map(this::row).toList();
  }

  private List<String> row(Build build) {
    boolean judged = build != first;
    return List.of(
        build.name(),
        format("%.1f s", build.compileSeconds()),
        format("%.0f ms", 1e3 * build.medianSeconds()),
        format("%.2f", first.medianSeconds() / build.medianSeconds()),
        judged ? format("%.1f dB", build.quality().psnrDb()) : NOT_JUDGED,
        judged ? format("%.4f", build.quality().ssim()) : NOT_JUDGED,
        judged ? format("%.4f", build.quality().relativeL1()) : NOT_JUDGED,
        format("%.0f", build.video().computedSteps()),
        format("%.0f %%", 100 * build.hitRate()),
        format("%.1f", build.facts().weightBits()) + "/" + format("%.1f", build.activationBits()),
        format("%.2f MB", build.facts().weightBytes() / 1e6),
        format("%.2f MB", build.facts().arenaBytes() / 1e6));
  }

  /** The table as lines of text, columns as wide as they need to be. */
  public List<String> lines() {
    List<List<String>> all = new ArrayList<>(rows());
    all.add(0, header());
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int column = i;
        int width = all.stream().mapToInt(r -> r.get(column).length()).max().orElseThrow();
        String gap = " ".repeat(width - row.get(i).length());
        line.append(i == 0 ? row.get(i) + gap : "  " + gap + row.get(i));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private static String format(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }
}
