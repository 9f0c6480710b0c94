package org.quantcache.tools.report.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.tools.report.graph.GraphNode.Kind;

/** Puts the operations of a function into groups: regions, blocks of the stack, parts of blocks. */
final class GroupTree {
  /** So many blocks without an edge between them are one group. */
  private static final int MANY_BLOCKS = 4;

  private GroupTree() {}

  static GraphNode of(Function function) {
    return GraphNode.group(Kind.FUNCTION, "@" + function.name(), children(function.body()));
  }

  private static List<GraphNode> children(Region region) {
    Map<String, List<GraphNode>> places = new LinkedHashMap<>();
    Map<GraphNode, PlaceName> names = new IdentityHashMap<>();
    int unknown = 0;
    for (Operation operation : region.operations()) {
      if (!isDrawn(operation)) {
        continue;
      }
      PlaceName name = placeOf(operation);
      GraphNode node = node(operation);
      names.put(node, name);
      String key = name.block().isEmpty() ? "?" + unknown++ : name.block();
      places.computeIfAbsent(key, place -> new ArrayList<>()).add(node);
    }
    List<GraphNode> out = new ArrayList<>();
    places.forEach((place, nodes) -> {
      if (PlaceName.isBlock(place)) {
        out.add(GraphNode.group(Kind.BLOCK, place, parts(nodes, names)));
      } else {
        out.addAll(grouped(Kind.PART, place, nodes));
      }
    });
    return gathered(out);
  }

  private static boolean isDrawn(Operation operation) {
    return !operation.is(StructureOps.WEIGHT_GET);
  }

  /** A region stands where its content does when all of that is of one block, and for itself otherwise. */
  private static PlaceName placeOf(Operation operation) {
    if (operation.regions().isEmpty()) {
      return PlaceName.of(operation);
    }
    List<String> blocks = new ArrayList<>();
    operation
        .regions()
        .forEach(region -> region.walk(inner -> {
          PlaceName name = PlaceName.of(inner);
          if (isDrawn(inner) && !name.block().isEmpty()) {
            blocks.add(name.block());
          }
        }));
    boolean one = !blocks.isEmpty() && blocks.stream().distinct().count() == 1;
    return one && PlaceName.isBlock(blocks.get(0))
        ? new PlaceName(blocks.get(0), "")
        : new PlaceName("", "");
  }

  private static GraphNode node(Operation operation) {
    if (operation.regions().isEmpty()) {
      return GraphNode.operation(operation);
    }
    List<GraphNode> inner = operation.regions().stream()
        .flatMap(region -> children(region).stream())
        .collect(Collectors.toList());
    return GraphNode.region(RegionName.of(operation), operation, inner);
  }

  private static List<GraphNode> parts(List<GraphNode> nodes, Map<GraphNode, PlaceName> names) {
    Map<String, List<GraphNode>> parts = new LinkedHashMap<>();
    int own = 0;
    for (GraphNode node : nodes) {
      String part = names.get(node).part();
      String key = part.isEmpty() ? "?" + own++ : part;
      parts.computeIfAbsent(key, name -> new ArrayList<>()).add(node);
    }
    List<GraphNode> out = new ArrayList<>();
    parts.forEach((part, inside) -> out.addAll(grouped(Kind.PART, part, inside)));
    return out;
  }

  /** A group of several nodes; one alone stays as it is. */
  private static List<GraphNode> grouped(Kind kind, String label, List<GraphNode> nodes) {
    return nodes.size() == 1 ? nodes : List.of(GraphNode.group(kind, label, nodes));
  }

  /** Blocks that do not feed each other are work that was moved out of them: one group. */
  private static List<GraphNode> gathered(List<GraphNode> nodes) {
    List<GraphNode> blocks = nodes.stream()
        .filter(node -> node.kind().equals(Optional.of(Kind.BLOCK)))
        .toList();
    if (blocks.size() < MANY_BLOCKS || !GraphEdges.between(blocks).isEmpty()) {
      return nodes;
    }
    List<GraphNode> out = new ArrayList<>();
    for (GraphNode node : nodes) {
      if (node == blocks.get(0)) {
        out.add(GraphNode.group(Kind.BLOCKS, "prepared for " + blocks.size() + " blocks", blocks));
      } else if (!blocks.contains(node)) {
        out.add(node);
      }
    }
    return out;
  }
}
