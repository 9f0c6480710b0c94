package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.codegen.tir.HistorySpec;
import org.quantcache.codegen.tir.HistorySpec.Action;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.kernels.tensor.Tensor;

/** What operations {@code (step, base, history...)} with a region do beside running it: guards and branches. */
final class HistoryEmitters {
  private HistoryEmitters() {}

  /**
   * What follows the region where it was run.
   *
   * @param keeps expression that says whether the history takes the value in; empty when it always does
   */
  static void store(Operation op, Optional<String> keeps, Emission out) {
    keep(op, op.regions().get(0).terminator().operand(0), out);
    if (length(op) > 0) {
      String run = "run(" + launch(op, out, Action.REMEMBER) + ");";
      keeps.ifPresentOrElse(
          condition -> out.when(op, condition, () -> out.statement(op, run)),
          () -> out.replayable(op, run));
    }
  }

  /**
   * What stands in for the region where it was not run.
   *
   * @param decider field of the executor that knows the weights of the history
   */
  static void foretell(Operation op, String decider, Emission out) {
    int length = length(op);
    if (length == 0) {
      keep(op, op.operand(1), out);
      return;
    }
    String launch = launch(op, out, Action.FORETELL);
    out.statement(
        op,
        "reals(" + launch + ", " + firstWeight(op) + ", " + decider + ".weights(step, " + length
            + "));");
    out.statement(op, "run(" + launch + ");");
  }

  /** Argument of the first weight: result, base and history come before it as pointers, then the rows of the base. */
  private static int firstWeight(Operation op) {
    return 1 + (op.operandCount() - 1) + 1;
  }

  private static int length(Operation op) {
    return op.operandCount() - 2;
  }

  /** Makes a value the result, unless it lies there already. */
  private static void keep(Operation op, Value value, Emission out) {
    if (out.places().offset(value) != out.places().offset(op.result())) {
      out.copy(
          op,
          out.places().address(op.result()),
          out.places().address(value),
          Places.byteCount(op.result().type()));
    }
  }

  private static String launch(Operation op, Emission out, Action action) {
    List<Value> pointers = new ArrayList<>(List.of(op.result()));
    pointers.addAll(op.operands().subList(1, op.operandCount()));
    long bytes = Tensor.elements(Places.constantSizes(op, op.result())) * Float.BYTES;
    return out.bind(
        op,
        new HistorySpec(action, length(op), (int) op.result().type().size(-1)),
        new Cost(0, bytes * (1 + length(op)), bytes),
        pointers,
        List.of(rows(op, op.operand(1))),
        action == Action.FORETELL ? length(op) : 0,
        rows(op, op.result()));
  }

  /** Rows of a value, as Java source. */
  static String rows(Operation op, Value value) {
    List<Long> sizes = Places.constantSizes(op, value);
    return Long.toString(Tensor.elements(sizes) / sizes.get(sizes.size() - 1));
  }
}
