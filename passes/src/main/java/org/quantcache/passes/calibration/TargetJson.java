package org.quantcache.passes.calibration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.UserError;

/** The section {@code targets} of a calibration file: pipelines by what they reach, one a line; a PSNR without end is null. */
final class TargetJson {
  private static final MathContext DIGITS = new MathContext(4);

  private TargetJson() {}

  /** The section with its name. */
  static String text(List<MeasuredTarget> targets) {
    return targets.stream()
        .map(TargetJson::line)
        .collect(Collectors.joining(",\n", "\"targets\": [\n", "\n ]"));
  }

  private static String line(MeasuredTarget found) {
    Reached reached = found.reached();
    return "  {\"measure\": \"" + found.target().measure().text()
        + "\", \"asked\": " + found.target().number()
        + ", \"base\": " + TextNode.valueOf(found.base())
        + ", \"passes\": " + TextNode.valueOf(reached.passes())
        + ", \"psnr_db\": " + number(reached.psnrDb())
        + ", \"speedup\": " + number(reached.speedup())
        + ", \"computed\": " + number(reached.computedSteps()) + "}";
  }

  private static String number(double value) {
    return Double.isInfinite(value)
        ? "null"
        : new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
  }

  /** Reads the section. @throws IllegalArgumentException that says what is wrong in it */
  static List<MeasuredTarget> read(JsonNode section) {
    List<MeasuredTarget> out = new ArrayList<>();
    for (JsonNode one : section) {
      Reached reached = new Reached(
          one.path("passes").asText(),
          one.path("psnr_db").isNull() ? Double.POSITIVE_INFINITY : figure(one, "psnr_db"),
          figure(one, "speedup"),
          figure(one, "computed"));
      out.add(new MeasuredTarget(target(one), one.path("base").asText(), reached));
    }
    return out;
  }

  private static Target target(JsonNode one) {
    String name = one.path("measure").asText() + "-" + one.path("asked").asText();
    try {
      return Target.named(name)
          .orElseThrow(() -> new IllegalArgumentException("no target is called " + name));
    } catch (UserError e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static double figure(JsonNode one, String name) {
    return one.path(name).asDouble(Double.NaN);
  }
}
