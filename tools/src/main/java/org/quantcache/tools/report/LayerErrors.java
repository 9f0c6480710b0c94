package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.tools.layers.LayersFile;

/**
 * Differences of two builds by operation and step: {@code {"steps", "rows": [{"at", "a", "b", "values": [[step, relative
 * L2, largest error, SQNR in dB]]}]}}. Numbers that are not finite are texts, such as {@code "NaN"}.
 */
final class LayerErrors {
  private LayerErrors() {}

  /** What was compared. */
  static ObjectNode of(List<LayersFile.Row> compared) {
    Map<List<String>, TreeMap<Integer, ArrayNode>> places = new LinkedHashMap<>();
    int steps = 0;
    for (LayersFile.Row row : compared) {
      steps = Math.max(steps, row.step() + 1);
      ArrayNode values = JsonNodeFactory.instance.arrayNode().add(row.step());
      values.add(number(row.relativeL2(), "NaN"));
      values.add(number(row.maxError(), "NaN"));
      // Of equal values it is infinite.
      values.add(number(row.sqnrDb(), row.relativeL2() == 0 ? "Infinity" : "NaN"));
      places
          .computeIfAbsent(List.of(row.at(), row.opA(), row.opB()), place -> new TreeMap<>())
          .put(row.step(), values);
    }
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("steps", steps);
    ArrayNode rows = out.putArray("rows");
    places.forEach((place, values) -> {
      ObjectNode one = rows.addObject();
      one.put("at", place.get(0)).put("a", place.get(1)).put("b", place.get(2));
      ArrayNode list = one.putArray("values");
      values.values().forEach(list::add);
    });
    return out;
  }

  private static ValueNode number(double value, String otherwise) {
    return Double.isFinite(value)
        ? JsonNodeFactory.instance.numberNode(value)
        : JsonNodeFactory.instance.textNode(otherwise);
  }
}
