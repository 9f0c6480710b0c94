package org.quantcache.tools.report.graph;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.core.Operation;

/**
 * A node of the drawing.
 *
 * @param label what is written on it
 * @param operation what it stands for; of a group only where an operation has regions
 * @param children what is seen when it opens; empty for an operation
 * @param kind what a group is, empty for an operation
 */
record GraphNode(
    String label, Optional<Operation> operation, List<GraphNode> children, Optional<Kind> kind) {
  /** What a group stands for. */
  enum Kind {
    FUNCTION,
    /** An operation with regions. */
    REGION,
    /** One block of a stack. */
    BLOCK,
    /** Several blocks that have nothing to do with each other here. */
    BLOCKS,
    /** A part of a block or of the model. */
    PART;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  GraphNode {
    children = ImmutableList.copyOf(children);
  }

  static GraphNode operation(Operation operation) {
    return new GraphNode(operation.name(), Optional.of(operation), List.of(), Optional.empty());
  }

  static GraphNode group(Kind kind, String label, List<GraphNode> children) {
    return new GraphNode(label, Optional.empty(), children, Optional.of(kind));
  }

  static GraphNode region(String label, Operation owner, List<GraphNode> children) {
    return new GraphNode(label, Optional.of(owner), children, Optional.of(Kind.REGION));
  }

  /** Visits the operations below and of this node, a group's own one first. */
  void walk(Consumer<Operation> visitor) {
    operation.ifPresent(visitor);
    children.forEach(child -> child.walk(visitor));
  }
}
