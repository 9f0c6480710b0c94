package org.quantcache.tools.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Reads how far two builds are apart, layer by layer: {@code {"rows": [{"at", "step", "op_a", "op_b", "relative_l2", ...}]}}.
 */
final class LayersFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private LayersFile() {}

  /** The largest error of each operation, under the names that it has in both builds. @throws UserError CL0762 */
  static Map<GraphNode.Key, Double> errors(Path file) {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw wrong(file, "no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw wrong(file, "not readable").causedBy(e);
    }
    if (!root.path("rows").isArray()) {
      throw wrong(file, "/rows must be a list");
    }
    Map<GraphNode.Key, Double> out = new LinkedHashMap<>();
    int number = 0;
    for (JsonNode row : root.path("rows")) {
      String at = "/rows/" + number++;
      JsonNode error = row.path("relative_l2");
      if (!row.path("at").isTextual()) {
        throw wrong(file, at + "/at must be a text");
      }
      // What is no number, as where nothing was compared, has no colour.
      if (error.isNumber() && Double.isFinite(error.asDouble())) {
        for (String side : new String[] {"op_a", "op_b"}) {
          out.merge(
              new GraphNode.Key(row.path("at").asText(), row.path(side).asText()),
              error.asDouble(),
              Math::max);
        }
      }
    }
    return out;
  }

  private static UserError wrong(Path file, String problem) {
    return UserError.of("CL0762", "%s is no comparison of layers: %s", file, problem)
        .withHint("write one with 'qcc compare-layers A B --json'");
  }
}
