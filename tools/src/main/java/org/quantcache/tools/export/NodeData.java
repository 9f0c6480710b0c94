package org.quantcache.tools.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * One number for nodes of a graph, as model-explorer colours them by: {@code {graph: {"results": {node: {"value"}},
 * "gradient": [...]}}}.
 *
 * @param name of the number, and of the file
 * @param value of a node; empty for nodes that have none
 */
record NodeData(String name, Function<GraphNode, OptionalDouble> value) {
  private static final String LEAST = "#fff7ec";
  private static final String MOST = "#d7301f";

  ObjectNode json(List<FunctionGraph> graphs) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    for (FunctionGraph graph : graphs) {
      ObjectNode of = root.putObject(graph.name());
      ObjectNode results = of.putObject("results");
      for (GraphNode node : graph.nodes()) {
        value.apply(node).ifPresent(v -> results.putObject(node.id()).put("value", v));
      }
      ArrayNode gradient = of.putArray("gradient");
      gradient.addObject().put("stop", 0).put("bgColor", LEAST);
      gradient.addObject().put("stop", 1).put("bgColor", MOST);
    }
    return root;
  }
}
