package org.quantcache.tools.report.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;

/** Which nodes of a group read what others of the group give. */
final class GraphEdges {
  /** An edge between the nodes of these numbers. */
  record Edge(int from, int to) {}

  private GraphEdges() {}

  /** Edges without doubles, in the order of what they leave, then of what they enter. */
  static List<Edge> between(List<GraphNode> nodes) {
    Map<Operation, Integer> home = new IdentityHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      int number = i;
      nodes.get(i).walk(operation -> home.put(operation, number));
    }
    Map<Integer, TreeSet<Integer>> readers = new TreeMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      int number = i;
      nodes.get(i).walk(operation -> {
        for (Value operand : operation.operands()) {
          Integer source = operand
              .definingOperation()
              .filter(defining -> !defining.is(StructureOps.WEIGHT_GET))
              .map(home::get)
              .orElse(null);
          if (source != null && source != number) {
            readers.computeIfAbsent(source, from -> new TreeSet<>()).add(number);
          }
        }
      });
    }
    List<Edge> out = new ArrayList<>();
    readers.forEach((from, all) -> all.forEach(to -> out.add(new Edge(from, to))));
    return out;
  }
}
