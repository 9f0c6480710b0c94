package org.quantcache.passes.memory;

import java.util.OptionalInt;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.ops.QuantOps;

/** Which operand an operation may overwrite with its first result: one that its kernel reads element by element. */
final class InPlace {
  private InPlace() {}

  /** The latent of a step and the residual of a product; nothing else. */
  static OptionalInt operand(Operation operation) {
    if (operation.is(FusedOps.GUIDED_STEP)) {
      return OptionalInt.of(1);
    }
    if (operation.is(LatentOps.FINAL_STEP)) {
      return OptionalInt.of(LatentOps.LATENT);
    }
    return FusedOps.isLinear(operation) || QuantOps.isLinear(operation)
        ? FusedOps.epilogueOperand(operation, "residual")
        : OptionalInt.empty();
  }
}
