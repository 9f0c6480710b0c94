package org.quantcache.tools.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Graphs as a graph collection of Google's model-explorer, for its JSON loader: {@code {"label", "graphs": [{"id",
 * "nodes": [...]}]}}.
 */
final class ModelExplorerWriter {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ModelExplorerWriter() {}

  static ObjectNode write(String label, List<FunctionGraph> graphs) {
    ObjectNode root = JSON.objectNode().put("label", label);
    ArrayNode list = root.putArray("graphs");
    for (FunctionGraph graph : graphs) {
      ObjectNode out = list.addObject().put("id", graph.name());
      ArrayNode nodes = out.putArray("nodes");
      graph.nodes().forEach(node -> node(nodes.addObject(), node));
    }
    return root;
  }

  private static void node(ObjectNode out, GraphNode node) {
    out.put("id", node.id())
        .put("label", node.op())
        .put("namespace", String.join("/", node.groups()).replace(';', '_'));
    out.putArray("subgraphIds");
    ArrayNode attributes = out.putArray("attrs");
    attribute(attributes, "location", node.at());
    attribute(attributes, "name", node.name());
    node.attributes().forEach(text -> {
      int equals = text.indexOf(" = ");
      attribute(attributes, text.substring(0, equals), text.substring(equals + 3));
    });
    if (node.weightBits() > 0) {
      attribute(attributes, "weight bits", Integer.toString(node.weightBits()));
      attribute(attributes, "activation bits", Integer.toString(node.activationBits()));
    }
    attribute(attributes, "FLOP", Long.toString(node.cost().flops()));
    attribute(attributes, "bytes", Long.toString(node.cost().bytes()));
    ArrayNode edges = out.putArray("incomingEdges");
    for (int i = 0; i < node.inputs().size(); i++) {
      edges
          .addObject()
          .put("sourceNodeId", node.inputs().get(i).from())
          .put("sourceNodeOutputId", Integer.toString(node.inputs().get(i).output()))
          .put("targetNodeInputId", Integer.toString(i));
    }
    ArrayNode results = out.putArray("outputsMetadata");
    for (int i = 0; i < node.results().size(); i++) {
      ObjectNode result = results.addObject().put("id", Integer.toString(i));
      attribute(result.putArray("attrs"), "tensor_shape", node.results().get(i).text());
    }
  }

  private static void attribute(ArrayNode attributes, String key, String value) {
    if (!value.isEmpty()) {
      attributes.addObject().put("key", key).put("value", value);
    }
  }
}
