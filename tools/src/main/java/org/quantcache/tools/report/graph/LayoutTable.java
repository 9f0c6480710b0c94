package org.quantcache.tools.report.graph;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.tools.report.graph.GraphEdges.Edge;

/** Layouts of groups, one for all groups whose nodes and edges look alike. */
final class LayoutTable {
  /** A value that more nodes read is drawn to the first of them, and named at the others. */
  private static final int MOST_READERS = 4;

  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final List<GroupLayout> layouts = new ArrayList<>();
  private final List<List<Edge>> edges = new ArrayList<>();
  private final List<Map<Integer, Integer>> wide = new ArrayList<>();

  /** The number of the layout of a group with these nodes. */
  int number(List<GraphNode> nodes) {
    List<Integer> widths = nodes.stream().map(GroupLayout::widthOf).toList();
    List<Edge> all = GraphEdges.between(nodes);
    String key = widths + " " + all;
    Integer known = numbers.get(key);
    if (known != null) {
      return known;
    }
    Map<Integer, Integer> readers = new TreeMap<>();
    all.forEach(edge -> readers.merge(edge.from(), 1, Integer::sum));
    readers.values().removeIf(count -> count <= MOST_READERS);
    List<Edge> drawn = new ArrayList<>();
    for (Edge edge : all) {
      boolean first = drawn.stream().noneMatch(other -> other.from() == edge.from());
      if (first || !readers.containsKey(edge.from())) {
        drawn.add(edge);
      }
    }
    layouts.add(GroupLayout.of(widths, drawn));
    edges.add(drawn);
    wide.add(readers);
    numbers.put(key, layouts.size() - 1);
    return layouts.size() - 1;
  }

  /** {@code {"size", "boxes", "edges": [[from, to, x, y, ...]], "wide": [[node, readers]]}} by number. */
  ArrayNode json() {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < layouts.size(); i++) {
      GroupLayout layout = layouts.get(i);
      ObjectNode one = out.addObject();
      one.putArray("size").add(layout.width()).add(layout.height());
      ArrayNode boxes = one.putArray("boxes");
      layout.boxes().forEach(box -> add(boxes.addArray(), box));
      ArrayNode ways = one.putArray("edges");
      for (int e = 0; e < edges.get(i).size(); e++) {
        Edge edge = edges.get(i).get(e);
        add(ways.addArray().add(edge.from()).add(edge.to()), layout.ways().get(e));
      }
      ArrayNode many = one.putArray("wide");
      wide.get(i).forEach((node, count) -> many.addArray().add(node).add(count));
    }
    return out;
  }

  private static void add(ArrayNode to, int[] numbers) {
    for (int number : numbers) {
      to.add(number);
    }
  }
}
