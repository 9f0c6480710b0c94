package org.quantcache.tools.report;

import static j2html.TagCreator.div;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;

/** Which region was computed, reused or left out at which step: a row for each guard and layer, a column for each step. */
final class DecisionChart {
  private static final String COMPUTED = "#0b5fa5";
  private static final String REUSED = "#d5e3f0";
  private static final String PRUNED = "#e08214";
  private static final String NOT_REACHED = "#eef1f4";
  private static final double NAMES = 170;
  private static final double ROW = 16;
  private static final double LEGEND = 22;
  private static final double MOST_WIDTH = 800;

  private final DecisionTrace trace;
  private final double column;
  private final ContainerTag<?> picture;
  private double y = LEGEND;

  private DecisionChart(DecisionTrace trace) {
    this.trace = trace;
    this.column = Math.max(3, Math.min(ROW, MOST_WIDTH / trace.steps()));
    int rows = trace.guards().size() + trace.layers().size();
    this.picture = Svg.picture(NAMES + column * trace.steps() + 4, LEGEND + ROW * rows + LEGEND);
  }

  static DomContent of(DecisionTrace trace) {
    return new DecisionChart(trace).draw();
  }

  private DomContent draw() {
    double x = NAMES;
    x = legend(x, COMPUTED, "computed");
    x = legend(x, REUSED, "reused");
    if (!trace.layers().isEmpty()) {
      x = legend(x, PRUNED, "left out");
      legend(x, NOT_REACHED, "inside a region that was reused");
    }
    trace.guards().forEach((name, decisions) -> {
      name(name);
      decisions.forEach(this::guard);
      y += ROW;
    });
    trace.layers().forEach((name, decisions) -> {
      name(name);
      decisions.forEach(this::layer);
      y += ROW;
    });
    int every = trace.steps() <= 20 ? 1 : trace.steps() <= 60 ? 5 : 10;
    for (int step = 0; step < trace.steps(); step += every) {
      picture.with(
          Svg.text(NAMES + column * (step + 0.5), y + 13, "middle", Integer.toString(step)));
    }
    return div(picture).withClass("scroll");
  }

  private double legend(double x, String color, String word) {
    picture.with(Svg.box(x, 4, 11, 11, color, word), Svg.text(x + 16, 14, "start", word));
    return x + 34 + 6.5 * word.length();
  }

  private void name(String name) {
    picture.with(Svg.text(NAMES - 8, y + ROW - 4, "end", name));
  }

  private void guard(Decision decision) {
    String about = "step " + decision.step() + (decision.computed() ? ": computed" : ": reused")
        + value(", divergence ", decision.divergence())
        + (decision.bits() > 0 ? ", activations of " + decision.bits() + " bits" : "")
        + (decision.noiseDominated() ? ", no more than rounding causes" : "");
    cell(decision.step(), decision.computed() ? COMPUTED : REUSED, about);
  }

  private void layer(LayerDecision decision) {
    String color = switch (decision.outcome()) {
      case COMPUTED -> COMPUTED;
      case PRUNED -> PRUNED;
      case NOT_REACHED -> NOT_REACHED;
    };
    String done = switch (decision.outcome()) {
      case COMPUTED -> ": computed";
      case PRUNED -> ": left out";
      case NOT_REACHED -> ": not reached";
    };
    cell(
        decision.step(),
        color,
        "step " + decision.step() + done + value(", similarity ", decision.similarity())
            + value(", variation ", decision.variation()));
  }

  private void cell(int step, String color, String about) {
    double gap = column > 5 ? 1 : 0.5;
    picture.with(Svg.box(NAMES + column * step, y, column - gap, ROW - 2, color, about));
  }

  private static String value(String name, OptionalDouble value) {
    return value.isEmpty() ? "" : name + String.format(Locale.ROOT, "%.4g", value.getAsDouble());
  }

  /** What was decided, in one sentence. */
  static String sentence(DecisionTrace trace) {
    if (trace.isEmpty()) {
      return "This program decides nothing: every step computes everything.";
    }
    StringBuilder out = new StringBuilder();
    List.copyOf(trace.guards().keySet()).stream()
        .limit(3)
        .forEach(name -> out.append(String.format(
            "Guard %s computed %d of %d steps. ", name, trace.computed(name), trace.steps())));
    if (!trace.layers().isEmpty()) {
      out.append("Layers or branches of them were left out ")
          .append(trace.pruned())
          .append(" times. ");
    }
    return out.append("Point at a box for what the decision rested on.").toString();
  }
}
