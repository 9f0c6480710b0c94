package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Builds of one model in numbers: {@code {"header", "rows", "steps": [{"name", "millis"}], "passes": [[name, text]],
 * "command"}}.
 */
final class BuildPanel {
  private BuildPanel() {}

  static ObjectNode of(List<Build> builds, String command) {
    BuildTable table = new BuildTable(builds);
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    table.header().forEach(out.putArray("header")::add);
    ArrayNode rows = out.putArray("rows");
    table.rows().forEach(row -> row.forEach(rows.addArray()::add));
    ArrayNode steps = out.putArray("steps");
    ArrayNode passes = out.putArray("passes");
    for (Build build : builds) {
      ArrayNode millis = steps.addObject().put("name", build.name()).putArray("millis");
      build.video().stepMillis().forEach(millis::add);
      passes.addArray().add(build.name()).add(build.passes());
    }
    out.put("command", command);
    return out;
  }
}
