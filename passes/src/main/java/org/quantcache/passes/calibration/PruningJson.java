package org.quantcache.passes.calibration;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The section {@code prunings} of a calibration file: layers that plans may leave out, one plan a line. */
final class PruningJson {
  private static final MathContext DIGITS = new MathContext(4);

  private PruningJson() {}

  /** The section with its name. */
  static String text(List<MeasuredPruning> prunings) {
    return prunings.stream()
        .map(PruningJson::line)
        .collect(Collectors.joining(",\n", "\"prunings\": [\n", "\n ]"));
  }

  private static String line(MeasuredPruning pruning) {
    String visits = pruning.visits().entrySet().stream()
        .map(e -> "\"" + e.getKey() + "\": " + e.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
    return "  {\"computed\": " + pruning.computed() + ", \"loss_db\": "
        + new BigDecimal(pruning.lossDb()).round(DIGITS).toPlainString()
        + ", \"visits\": " + visits + "}";
  }

  /** Reads the section. @throws IllegalArgumentException that says what is wrong in it */
  static List<MeasuredPruning> read(JsonNode section) {
    List<MeasuredPruning> out = new ArrayList<>();
    for (JsonNode one : section) {
      Map<String, List<Long>> visits = new TreeMap<>();
      for (Map.Entry<String, JsonNode> layer : one.path("visits").properties()) {
        visits.put(layer.getKey(), numbers(layer.getValue()));
      }
      out.add(new MeasuredPruning(
          one.path("computed").asInt(), visits, one.path("loss_db").asDouble(Double.NaN)));
    }
    return out;
  }

  private static List<Long> numbers(JsonNode list) {
    List<Long> out = new ArrayList<>();
    for (JsonNode number : list) {
      if (!number.isInt()) {
        throw new IllegalArgumentException("visits are whole numbers, found " + number);
      }
      out.add(number.asLong());
    }
    return out;
  }
}
