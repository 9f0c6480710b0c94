package org.quantcache.tools.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.TensorType;

/**
 * Graphs as Graphviz text: a cluster for each part of the model, a box for each operation. Weights have no box of their own,
 * which would be half of all boxes; whoever reads them names them.
 */
final class DotWriter {
  private static final Map<String, String> COLORS = new TreeMap<>(Map.of(
      "cache", "#fde0b8",
      "prune", "#f7c6c5",
      "quant", "#d9ead3",
      "fused", "#cfe2f3",
      "nn", "#cfe2f3"));

  private final StringBuilder out = new StringBuilder();
  private int clusters;

  private DotWriter() {}

  static String write(String name, List<FunctionGraph> graphs) {
    DotWriter writer = new DotWriter();
    writer.out.append("digraph ").append(quoted(name)).append(" {\n");
    writer.out.append("  rankdir = TB;\n  node [shape = box, style = filled, fillcolor = white, ");
    writer.out.append("fontname = \"Helvetica\", fontsize = 10];\n");
    writer.out.append("  graph [fontname = \"Helvetica\", fontsize = 11, color = \"#888888\"];\n");
    writer.out.append("  edge [color = \"#555555\"];\n");
    // Without limits, the layout of some thousand operations takes minutes.
    writer.out.append("  nslimit = 2;\n  nslimit1 = 2;\n  mclimit = 0.5;\n  splines = line;\n");
    for (FunctionGraph graph : graphs) {
      writer.function(graph, graphs.size() > 1);
    }
    return writer.out.append("}\n").toString();
  }

  private void function(FunctionGraph graph, boolean several) {
    String prefix = several ? graph.name() + "/" : "";
    Group root = new Group();
    Map<String, String> weights = new LinkedHashMap<>();
    for (GraphNode node : graph.nodes()) {
      if (node.op().equals(StructureOps.WEIGHT_GET)) {
        weights.put(node.id(), node.name());
      } else {
        root.add(node, 0);
      }
    }
    if (several) {
      begin("@" + graph.name(), "  ");
    }
    group(root, several ? "    " : "  ", prefix, weights);
    if (several) {
      out.append("  }\n");
    }
    for (GraphNode node : graph.nodes()) {
      node.inputs().stream()
          .filter(input -> !weights.containsKey(input.from()))
          .forEach(input -> out.append("  ")
              .append(quoted(prefix + input.from()))
              .append(" -> ")
              .append(quoted(prefix + node.id()))
              .append(";\n"));
    }
  }

  /** Nodes and smaller parts of a part of the model, in the order of their first node. */
  private static final class Group {
    private final Map<String, Group> inner = new LinkedHashMap<>();
    private final List<GraphNode> nodes = new ArrayList<>();

    void add(GraphNode node, int depth) {
      if (depth == node.groups().size()) {
        nodes.add(node);
      } else {
        inner.computeIfAbsent(node.groups().get(depth), name -> new Group()).add(node, depth + 1);
      }
    }
  }

  private void begin(String label, String indent) {
    out.append(indent)
        .append("subgraph \"cluster_")
        .append(clusters++)
        .append("\" {\n")
        .append(indent)
        .append("  label = ")
        .append(quoted(label))
        .append(";\n");
  }

  private void group(Group group, String indent, String prefix, Map<String, String> weights) {
    group.nodes.forEach(node -> out.append(indent)
        .append(quoted(prefix + node.id()))
        .append(" [label = ")
        .append(quoted(label(node)))
        .append(", fillcolor = ")
        .append(quoted(color(node)))
        .append(", tooltip = ")
        .append(quoted(tooltip(node, weights)))
        .append("];\n"));
    group.inner.forEach((name, inner) -> {
      begin(name, indent);
      group(inner, indent + "  ", prefix, weights);
      out.append(indent).append("}\n");
    });
  }

  private static String label(GraphNode node) {
    StringBuilder text = new StringBuilder(node.op());
    if (!node.name().isEmpty()) {
      text.append('\n').append(node.name());
    }
    for (TensorType type : node.results()) {
      text.append('\n').append(type.text());
    }
    if (node.weightBits() > 0) {
      text.append("\nW").append(node.weightBits()).append("A").append(node.activationBits());
    }
    return text.toString();
  }

  private static String tooltip(GraphNode node, Map<String, String> weights) {
    List<String> lines = new ArrayList<>();
    lines.add(node.at().isEmpty() ? node.op() : node.at());
    lines.addAll(node.attributes());
    node.inputs().stream()
        .filter(input -> weights.containsKey(input.from()))
        .forEach(input -> lines.add("weight " + weights.get(input.from())));
    return String.join("\n", lines);
  }

  private static String color(GraphNode node) {
    int dot = node.op().indexOf('.');
    return COLORS.getOrDefault(dot < 0 ? "" : node.op().substring(0, dot), "#ffffff");
  }

  /** A quoted text; line ends as the escape for centred lines. */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        default -> out.append(c < ' ' ? ' ' : c);
      }
    }
    return out.append('"').toString();
  }
}
