package org.quantcache.tools.report;

import static j2html.TagCreator.div;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;

/** Time of each step of two runs, one above the other on one scale. */
final class StepTimeChart {
  private static final List<String> COLORS = List.of("#8a97a5", "#0b5fa5");
  private static final double NAMES = 170;
  private static final double HEIGHT = 70;
  private static final double WIDTH = 800;

  private StepTimeChart() {}

  static DomContent of(List<Build> builds) {
    double largest = builds.stream()
        .flatMap(build -> build.video().stepMillis().stream())
        .mapToDouble(Double::doubleValue)
        .max()
        .orElse(1);
    ContainerTag<?> picture = Svg.picture(NAMES + WIDTH + 4, (HEIGHT + 8) * builds.size() + 4);
    for (int b = 0; b < builds.size(); b++) {
      double bottom = (HEIGHT + 8) * (b + 1);
      List<Double> millis = builds.get(b).video().stepMillis();
      double column = WIDTH / millis.size();
      picture.with(Svg.text(NAMES - 8, bottom - 4, "end", builds.get(b).name()));
      for (int step = 0; step < millis.size(); step++) {
        double height = Math.max(0.5, HEIGHT * millis.get(step) / largest);
        picture.with(Svg.box(
            NAMES + column * step,
            bottom - height,
            Math.max(0.5, column - 1),
            height,
            COLORS.get(b % COLORS.size()),
            String.format(Locale.ROOT, "step %d: %.2f ms", step, millis.get(step))));
      }
    }
    return div(picture).withClass("scroll");
  }
}
