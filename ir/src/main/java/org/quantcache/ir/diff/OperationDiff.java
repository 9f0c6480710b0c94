package org.quantcache.ir.diff;

import com.google.common.collect.ImmutableList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;

/**
 * What became of the operations of a function, by structure as in {@link IrDiff}.
 *
 * @param removed operations that only the first function has, in its order
 * @param added operations that only the second function has, in its order
 * @param changed pairs that stand for each other, with other operands, attributes or types
 */
public record OperationDiff(List<Operation> removed, List<Operation> added, List<Pair> changed) {
  public OperationDiff {
    removed = ImmutableList.copyOf(removed);
    added = ImmutableList.copyOf(added);
    changed = ImmutableList.copyOf(changed);
  }

  /** An operation before and after. */
  public record Pair(Operation before, Operation after) {}

  /** Compares what two modules have as a function of this name; both must have one. */
  public static OperationDiff between(IrModule oldModule, IrModule newModule, String function) {
    Function before = oldModule.function(function);
    Function after = newModule.function(function);
    List<DiffLine> left = FunctionLines.of(oldModule, before);
    List<DiffLine> right = FunctionLines.of(newModule, after);
    Correspondence correspondence = new Correspondence();
    correspondence.parameters(before, after);
    List<Operation> removed = new ArrayList<>();
    List<Operation> added = new ArrayList<>();
    List<Pair> changed = new ArrayList<>();
    int i = 0;
    int j = 0;
    for (int[] pair : CommonLines.of(keys(left), keys(right))) {
      collect(left.subList(i, pair[0]), removed);
      collect(right.subList(j, pair[1]), added);
      i = pair[0] + 1;
      j = pair[1] + 1;
      Optional<Operation> old = left.get(pair[0]).operation();
      Optional<Operation> now = right.get(pair[1]).operation();
      if (old.isPresent() && !correspondence.match(old.get(), now.orElseThrow())) {
        changed.add(new Pair(old.get(), now.orElseThrow()));
      }
    }
    collect(left.subList(i, left.size()), removed);
    collect(right.subList(j, right.size()), added);
    return reunited(removed, added, changed);
  }

  private static List<String> keys(List<DiffLine> lines) {
    return lines.stream().map(DiffLine::key).toList();
  }

  private static void collect(List<DiffLine> lines, List<Operation> operations) {
    lines.forEach(line -> line.operation().ifPresent(operations::add));
  }

  /** A removed and an added operation of one name and place are one that has changed. */
  private static OperationDiff reunited(
      List<Operation> removed, List<Operation> added, List<Pair> changed) {
    Map<String, Deque<Operation>> waiting = new LinkedHashMap<>();
    removed.forEach(
        op -> waiting.computeIfAbsent(identity(op), key -> new ArrayDeque<>()).add(op));
    List<Pair> pairs = new ArrayList<>(changed);
    List<Operation> fresh = new ArrayList<>();
    for (Operation operation : added) {
      Deque<Operation> old = waiting.getOrDefault(identity(operation), new ArrayDeque<>());
      if (old.isEmpty()) {
        fresh.add(operation);
      } else {
        pairs.add(new Pair(old.remove(), operation));
      }
    }
    List<Operation> gone =
        removed.stream().filter(op -> waiting.get(identity(op)).contains(op)).toList();
    return new OperationDiff(gone, fresh, pairs);
  }

  private static String identity(Operation operation) {
    return operation.name() + "\n" + String.join("\n", operation.location().paths());
  }
}
