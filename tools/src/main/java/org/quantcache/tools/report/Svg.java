package org.quantcache.tools.report;

import static j2html.TagCreator.tag;

import j2html.tags.ContainerTag;
import java.util.Locale;

/** Shapes of a picture in a page; lengths are in pixels. */
final class Svg {
  private Svg() {}

  static ContainerTag<?> picture(double width, double height) {
    return tag("svg")
        .attr("xmlns", "http://www.w3.org/2000/svg")
        .attr("width", number(width))
        .attr("height", number(height))
        .attr("viewBox", "0 0 " + number(width) + " " + number(height));
  }

  /** A box that says {@code about} when it is pointed at. */
  static ContainerTag<?> box(
      double x, double y, double width, double height, String color, String about) {
    return tag("rect")
        .attr("x", number(x))
        .attr("y", number(y))
        .attr("width", number(width))
        .attr("height", number(height))
        .attr("fill", color)
        .with(tag("title").withText(about));
  }

  /** @param anchor start, middle or end: which point of the text is at x */
  static ContainerTag<?> text(double x, double y, String anchor, String words) {
    return tag("text")
        .attr("x", number(x))
        .attr("y", number(y))
        .attr("text-anchor", anchor)
        .attr("fill", "#4a5867")
        .withText(words);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
