package org.quantcache.tools.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.quantcache.passes.calibration.Calibration.Case;

/** A page that sets builds of one model side by side. */
public final class ComparisonReport {
  private ComparisonReport() {}

  /**
   * Writes the page.
   *
   * @param builds the one that others are judged by comes first
   * @param command that makes the page again
   * @param machine where the times were taken
   * @param progress told how much of the page is drawn
   */
  public static void write(
      Path target,
      Case shown,
      List<Build> builds,
      String command,
      String machine,
      ReportBuilder.Progress progress) {
    int steps = builds.get(0).video().stepMillis().size();
    new ReportBuilder(
            shown.prompt(),
            String.format(
                Locale.ROOT, "Seed %d, %d sampling steps. %s", shown.seed(), steps, machine))
        .builds(builds, command)
        .write(target, progress);
  }
}
