package org.quantcache.tools.report;

import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.img;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.passes.calibration.Calibration.Case;

/** A page that sets builds of one model side by side. */
public final class ComparisonReport {
  private static final int LISTED_KERNELS = 12;

  private ComparisonReport() {}

  /**
   * Writes the page.
   *
   * @param builds the one that others are judged by comes first
   * @param command that makes the page again
   * @param machine where the times were taken
   */
  public static void write(
      Path target, Case shown, List<Build> builds, String command, String machine) {
    Build last = builds.get(builds.size() - 1);
    int steps = last.video().stepMillis().size();
    Page page = new Page(
        shown.prompt(),
        String.format(Locale.ROOT, "Seed %d, %d sampling steps. %s", shown.seed(), steps, machine));
    page.add("Videos", "The same noise and the same prompt.", videos(builds));
    page.add(
        "Numbers",
        "Times are medians of runs that took turns. Frames are judged by those of "
            + builds.get(0).name()
            + ". Bits and bytes of weights count the blocks, with scales and sums.",
        numbers(new BuildTable(builds)));
    page.add(
        "Decisions of " + last.name(),
        DecisionChart.sentence(last.video().trace()),
        last.video().trace().isEmpty() ? div() : DecisionChart.of(last.video().trace()));
    page.add(
        "Time of each step",
        "On one scale; point at a bar for its time.",
        StepTimeChart.of(builds));
    page.add(
        "Bits of the weights of " + last.name(),
        "R: channels are rotated. B: channels are balanced. G: so many channels share a scale.",
        BitsChart.of(last.program()));
    if (!last.profile().isEmpty()) {
      page.add(
          "Where " + last.name() + " spends its time",
          "Kernels of one video, the longest first.",
          kernels(last.profile()));
    }
    page.add(
        "How it was made",
        "Pipelines of the builds, and the command that makes this page again.",
        each(builds, build -> p(build.name() + ": ").with(code(build.passes()))),
        p(code(command)));
    page.write(target);
  }

  /** A page of what one run decided. */
  public static void write(Path target, String name, DecisionTrace trace) {
    new Page(name, trace.steps() + " sampling steps.")
        .add("Decisions", DecisionChart.sentence(trace), DecisionChart.of(trace))
        .write(target);
  }

  private static DomContent videos(List<Build> builds) {
    return div(each(
            builds,
            build -> figure(
                img()
                    .withAlt("video of " + build.name())
                    .withSrc(
                        "data:image/gif;base64," + Base64.getEncoder().encodeToString(build.gif())),
                figcaption(String.format(
                    Locale.ROOT, "%s: %.2f s", build.name(), build.medianSeconds())))))
        .withClass("videos");
  }

  private static DomContent numbers(BuildTable numbers) {
    return div(table(
            thead(tr(each(numbers.header(), cell -> th(cell)))),
            tbody(each(numbers.rows(), row -> tr(each(row, cell -> td(cell)))))))
        .withClass("scroll");
  }

  private static DomContent kernels(Map<String, LaunchProfile.Entry> profile) {
    List<Map.Entry<String, LaunchProfile.Entry>> sorted = new ArrayList<>(profile.entrySet());
    sorted.sort(Comparator.comparingLong(e -> -e.getValue().nanos()));
    long total = sorted.stream().mapToLong(e -> e.getValue().nanos()).sum();
    return div(table(
            thead(tr(th("kernel"), th("launches"), th("ms"), th("share"))),
            tbody(each(
                sorted.subList(0, Math.min(LISTED_KERNELS, sorted.size())),
                entry -> tr(
                    td(code(entry.getKey())),
                    td(Long.toString(entry.getValue().launches())),
                    td(format("%.2f", entry.getValue().nanos() / 1e6)),
                    td(format("%.1f %%", 100.0 * entry.getValue().nanos() / total)))))))
        .withClass("scroll");
  }

  private static String format(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }
}
