package org.quantcache.tools.export;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.types.TensorType;

/**
 * A node of the graph of a function.
 *
 * @param id unique in the graph, in program order
 * @param op name of the operation; {@code parameter} and {@code argument} for values that no operation gives
 * @param name of the value, or of the weight that is read; empty where there is none
 * @param at location
 * @param groups the part of the model that the node lies in, outermost first
 * @param attributes of the operation, as text
 * @param inputs where operands come from, in order
 * @param results types of what it gives
 * @param cost work of one run of it
 * @param weightBits bits of the weight that it multiplies with; 0 where it does not
 * @param activationBits bits of what is multiplied with that
 */
record GraphNode(
    String id,
    String op,
    String name,
    String at,
    List<String> groups,
    List<String> attributes,
    List<Input> inputs,
    List<TensorType> results,
    Cost cost,
    int weightBits,
    int activationBits) {
  GraphNode {
    groups = ImmutableList.copyOf(groups);
    attributes = ImmutableList.copyOf(attributes);
    inputs = ImmutableList.copyOf(inputs);
    results = ImmutableList.copyOf(results);
  }

  /**
   * One edge.
   *
   * @param from id of the node that it comes from
   * @param output number of the result of that node
   */
  record Input(String from, int output) {}

  /** Key under which layers of a comparison and launches of a run name an operation. */
  record Key(String at, String op) {
    static Key of(Operation operation) {
      return new Key(operation.location().text(), operation.name());
    }
  }

  Key key() {
    return new Key(at, op);
  }
}
