package org.quantcache.passes.memory;

import java.util.OptionalInt;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.QuantOps;

/** Which operand an operation may overwrite with its result: one that its kernel reads element by element. */
final class InPlace {
  private InPlace() {}

  /** The latent of a guided step and the residual of a product; nothing else. */
  static OptionalInt operand(Operation operation) {
    if (operation.is(FusedOps.GUIDED_STEP)) {
      return OptionalInt.of(1);
    }
    if (operation.is(FusedOps.LINEAR)) {
      return residual(operation, 2);
    }
    return operation.is(QuantOps.LINEAR)
        ? residual(operation, QuantOps.EPILOGUE)
        : OptionalInt.empty();
  }

  private static OptionalInt residual(Operation linear, int first) {
    int operand = first;
    for (String part : linear.attributes().strings("epilogue")) {
      if (part.equals("residual")) {
        return OptionalInt.of(operand);
      }
      operand += FusedOps.takesOperand(part) ? 1 : 0;
    }
    return OptionalInt.empty();
  }
}
