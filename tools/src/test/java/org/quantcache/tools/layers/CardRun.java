package org.quantcache.tools.layers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/**
 * What every operation of a run on a card left in memory.
 *
 * @param done operations in the order in which the card was through with them
 */
record CardRun(List<Done> done) {
  /**
   * One operation.
   *
   * @param step of the loop
   * @param values its results and the slots that it works on, as they were right behind it
   */
  record Done(Operation operation, int step, Map<Value, Tensor> values) {}

  static CardRun of(WatchedProgram card, Run run) {
    List<Done> done = new ArrayList<>();
    card.run(run, StepObserver.NONE, (operation, step, memory) -> {
      Map<Value, Tensor> values = new LinkedHashMap<>();
      for (Value value : shown(operation)) {
        memory.get(value).ifPresent(tensor -> values.put(value, copy(tensor)));
      }
      done.add(new Done(operation, step, values));
    });
    return new CardRun(done);
  }

  /** What an operation may have written: its results, and slots among its operands. */
  static List<Value> shown(Operation operation) {
    List<Value> out = new ArrayList<>(operation.results());
    operation.operands().stream().filter(CardRun::isSlot).forEach(out::add);
    return out;
  }

  private static boolean isSlot(Value value) {
    return value.definingOperation().filter(op -> op.is(CacheOps.SLOT)).isPresent();
  }

  private static Tensor copy(Tensor tensor) {
    Tensor out = Tensor.zeros(tensor.element(), tensor.sizes());
    out.data().duplicate().put(tensor.data().duplicate().rewind());
    return out;
  }
}
