package org.quantcache.tools.report.graph;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.diff.OperationDiff;

/** Which operations a pass removed, added and changed, as numbers in the order of the drawing's tree. */
final class StageMarks {
  private final Map<Operation, Integer> before;
  private final Map<Operation, Integer> after;
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  private StageMarks(GraphNode before, GraphNode after) {
    this.before = numbers(before);
    this.after = numbers(after);
  }

  private static Map<Operation, Integer> numbers(GraphNode root) {
    Map<Operation, Integer> out = new IdentityHashMap<>();
    root.walk(operation -> out.put(operation, out.size()));
    return out;
  }

  /** {@code {"removed", "added", "before", "after"}}: the last two are both sides of what was changed. */
  static ObjectNode json(
      IrModule oldModule, GraphNode oldTree, IrModule newModule, GraphNode newTree) {
    StageMarks marks = new StageMarks(oldTree, newTree);
    TreeSet<Integer> removed = new TreeSet<>();
    TreeSet<Integer> added = new TreeSet<>();
    TreeSet<Integer> changedBefore = new TreeSet<>();
    TreeSet<Integer> changedAfter = new TreeSet<>();
    for (Function function : oldModule.functions()) {
      Optional<Function> counterpart = newModule.findFunction(function.name());
      if (counterpart.isEmpty()) {
        continue;
      }
      OperationDiff diff = OperationDiff.between(oldModule, newModule, function.name());
      marks.collect(diff.removed(), marks.before, removed);
      marks.collect(diff.added(), marks.after, added);
      diff.changed().forEach(pair -> {
        marks.collect(List.of(pair.before()), marks.before, changedBefore);
        marks.collect(List.of(pair.after()), marks.after, changedAfter);
      });
    }
    marks.put("removed", removed);
    marks.put("added", added);
    marks.put("before", changedBefore);
    marks.put("after", changedAfter);
    return marks.json;
  }

  private void collect(
      Collection<Operation> operations, Map<Operation, Integer> numbers, TreeSet<Integer> to) {
    operations.stream().map(numbers::get).filter(number -> number != null).forEach(to::add);
  }

  private void put(String name, TreeSet<Integer> numbers) {
    ArrayNode list = json.putArray(name);
    numbers.forEach(list::add);
  }
}
