package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Differences of two builds by operation and step: {@code {"steps", "rows": [{"at", "a", "b", "values": [[step, relative
 * L2, largest error, SQNR in dB]]}]}}. Numbers that are no numbers stay texts, such as {@code "NaN"}.
 */
final class LayerErrors {
  private static final int MOST_STEPS = 100_000;

  private LayerErrors() {}

  /** What {@code qcc compare-layers --json} printed. */
  static ObjectNode read(Path file) {
    JsonInput input = new JsonInput(file, "qcc compare-layers A B --inputs F --json");
    JsonNode root = input.read();
    Map<List<String>, TreeMap<Integer, ArrayNode>> places = new LinkedHashMap<>();
    int number = 0;
    int steps = 0;
    for (JsonNode row : input.array(root, "rows", "")) {
      String at = "/rows/" + number++;
      int step = row.has("step") ? input.whole(row, "step", at, MOST_STEPS) : 0;
      steps = Math.max(steps, step + 1);
      ArrayNode values = JsonNodeFactory.instance.arrayNode().add(step);
      for (String field : List.of("relative_l2", "max_error", "sqnr_db")) {
        values.add(
            row.path(field).isMissingNode()
                ? JsonNodeFactory.instance.nullNode()
                : row.path(field));
      }
      places
          .computeIfAbsent(
              List.of(
                  input.text(row, "at", at),
                  row.path("op_a").asText(""),
                  row.path("op_b").asText("")),
              place -> new TreeMap<>())
          .put(step, values);
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
}
