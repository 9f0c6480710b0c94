package org.quantcache.ir.cost;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.ops.StructureOps;

/**
 * Work of one function.
 *
 * @param name of the function, without {@code @}
 * @param steps turns of its loop, 0 without one; the largest where there are several loops
 * @param once work outside of loops
 * @param perStep work of one turn of every loop
 * @param total {@code once} plus the turns of every loop
 * @param operations by name, in name order
 */
public record FunctionCost(
    String name, long steps, Cost once, Cost perStep, Cost total, List<OperationCost> operations) {
  public FunctionCost {
    operations = ImmutableList.copyOf(operations);
  }

  /**
   * Work of all operations of one name.
   *
   * @param name of the operation
   * @param onceCount how many stand outside of loops
   * @param stepCount how many stand in loops
   * @param once their work outside of loops
   * @param perStep their work in one turn of every loop
   */
  public record OperationCost(
      String name, long onceCount, long stepCount, Cost once, Cost perStep) {}

  static FunctionCost of(Function function, ToLongFunction<String> symbols) {
    Sum sum = new Sum(symbols);
    sum.region(function.body(), false, 1);
    List<OperationCost> operations = new ArrayList<>(sum.byName.values());
    return new FunctionCost(
        function.name(), sum.steps, sum.once, sum.perStep, sum.total, operations);
  }

  private static final class Sum {
    private final ToLongFunction<String> symbols;
    private final Map<String, OperationCost> byName = new TreeMap<>();
    private long steps;
    private Cost once = Cost.ZERO;
    private Cost perStep = Cost.ZERO;
    private Cost total = Cost.ZERO;

    Sum(ToLongFunction<String> symbols) {
      this.symbols = symbols;
    }

    void region(Region region, boolean inLoop, long turns) {
      for (Operation operation : region.operations()) {
        add(operation, inLoop, turns);
        boolean loop = operation.is(StructureOps.LOOP);
        long inner = loop ? operation.operand(0).type().dim(0).evaluate(symbols) : 1;
        steps = loop ? Math.max(steps, inner) : steps;
        for (Region body : operation.regions()) {
          region(body, inLoop || loop, Math.multiplyExact(turns, inner));
        }
      }
    }

    private void add(Operation operation, boolean inLoop, long turns) {
      Cost cost = operation.definition().cost(operation, symbols);
      OperationCost one = inLoop
          ? new OperationCost(operation.name(), 0, 1, Cost.ZERO, cost)
          : new OperationCost(operation.name(), 1, 0, cost, Cost.ZERO);
      byName.merge(operation.name(), one, Sum::plus);
      once = once.plus(one.once());
      perStep = perStep.plus(one.perStep());
      total = total.plus(cost.times(turns));
    }

    private static OperationCost plus(OperationCost a, OperationCost b) {
      return new OperationCost(
          a.name(),
          a.onceCount() + b.onceCount(),
          a.stepCount() + b.stepCount(),
          a.once().plus(b.once()),
          a.perStep().plus(b.perStep()));
    }
  }
}
