package org.quantcache.tools.layers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Takes each operation of a run on a card by itself: the reference device runs the same program, computes every operation
 * from the operands that the card had, and goes on with what the card made of them.
 */
final class OperationCheck implements WatchedProgram.Listener {
  /**
   * How far a value may be from that of the reference device.
   *
   * @param relativeL2 of floats
   * @param attention the same of an attention to its definition; to {@link TensorCoreAttention} the former holds
   * @param share of whole numbers that may be off, by one
   */
  record Limits(double relativeL2, double attention, double share) {}

  private final Deque<CardRun.Done> card;
  private final Limits limits;
  private final Map<Value, Tensor> values = new HashMap<>();
  private final Map<String, OfKind> kinds = new TreeMap<>();
  private final Set<Operation> compared = new HashSet<>();
  private final List<String> wrong = new ArrayList<>();

  private OperationCheck(CardRun card, Limits limits) {
    this.card = new ArrayDeque<>(card.done());
    this.limits = limits;
  }

  /** Runs the reference device beside what a card did in the same run. */
  static OperationCheck of(WatchedProgram reference, Run run, CardRun card, Limits limits) {
    OperationCheck out = new OperationCheck(card, limits);
    reference.run(run, StepObserver.NONE, out);
    out.card.forEach(
        done -> out.wrong.add("not in its turn: " + text(done.operation(), done.step())));
    return out;
  }

  @Override
  public void computed(Operation operation, int step, WatchedProgram.Memory memory) {
    CardRun.Done done = card.peek();
    if (done == null || done.operation() != operation) {
      operation
          .results()
          .forEach(result -> values.put(result, memory.get(result).orElseThrow()));
      return;
    }
    card.remove();
    compared.add(operation);
    kinds.computeIfAbsent(operation.name(), OfKind::new).times++;
    for (Value value : CardRun.shown(operation)) {
      Tensor expected = memory.get(value).orElseThrow();
      Tensor found = done.values().get(value);
      if (found == null || !agrees(operation, expected, found)) {
        wrong.add(text(operation, step));
      }
      if (found != null) {
        expected.data().duplicate().put(found.data().duplicate().rewind());
        values.put(value, found);
      }
    }
  }

  private boolean agrees(Operation operation, Tensor expected, Tensor found) {
    OfKind kind = kinds.get(operation.name());
    if (!found.element().isFloat()) {
      return isEqual(expected, found, kind);
    }
    double distance = Distance.between(expected, found).rank();
    if (!TensorCoreAttention.isAttention(operation)) {
      kind.relativeL2 = Math.max(kind.relativeL2, distance);
      return distance <= limits.relativeL2();
    }
    Tensor rounded = TensorCoreAttention.of(operation, values::get);
    double rest = Distance.between(rounded, found).rank();
    kind.definition = Math.max(kind.definition, distance);
    kind.relativeL2 = Math.max(kind.relativeL2, rest);
    return distance <= limits.attention() && rest <= limits.relativeL2();
  }

  private boolean isEqual(Tensor expected, Tensor found, OfKind kind) {
    long off = 0;
    long most = 0;
    for (int i = 0; i < expected.count(); i++) {
      long difference = Math.abs(expected.getLong(i) - found.getLong(i));
      off += difference > 0 ? 1 : 0;
      most = Math.max(most, difference);
    }
    double share = (double) off / expected.count();
    kind.cells += expected.count();
    kind.off += off;
    kind.share = Math.max(kind.share, share);
    return most <= 1 && share <= limits.share();
  }

  private static String text(Operation operation, int step) {
    return operation.name() + " at " + operation.location().text() + ", step " + step;
  }

  /** Operations that were compared at least once. */
  Set<Operation> compared() {
    return compared;
  }

  /** Operations with a value beyond the limits, or in another order than on the reference device. */
  List<String> wrong() {
    return wrong;
  }

  /** A line for each kind of operation. */
  String text() {
    StringBuilder out = new StringBuilder();
    kinds.values().forEach(kind -> out.append(kind.text()).append('\n'));
    return out.toString();
  }

  /** The most that was found of a kind of operation. */
  private static final class OfKind {
    private final String name;
    private int times;
    private double relativeL2;
    private double definition;
    private long cells;
    private long off;
    private double share;

    OfKind(String name) {
      this.name = name;
    }

    String text() {
      String text = String.format(Locale.ROOT, "%-22s %5d times  %.1e", name, times, relativeL2);
      if (definition > 0) {
        text += String.format(Locale.ROOT, ", %.1e to its definition", definition);
      }
      if (cells > 0) {
        text += String.format(
            Locale.ROOT, ", %d of %d off by one, at most %.1e of a value", off, cells, share);
      }
      return text;
    }
  }
}
