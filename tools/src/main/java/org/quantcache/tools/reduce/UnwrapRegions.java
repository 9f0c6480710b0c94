package org.quantcache.tools.reduce;

import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;

/** Puts what a region holds in the place of the operation that has it: once instead of at every step, say. */
final class UnwrapRegions implements Edit {
  @Override
  public String name() {
    return "regions";
  }

  @Override
  public int places(IrModule module) {
    return candidates(module).size();
  }

  private static List<Operation> candidates(IrModule module) {
    return Substitutes.operations(module).stream()
        .filter(op -> op.regions().size() == 1)
        .toList();
  }

  @Override
  public void apply(Rewriter rewriter, List<Integer> places) {
    List<Operation> operations = candidates(rewriter.module());
    for (int i = places.size() - 1; i >= 0; i--) {
      unwrap(operations.get(places.get(i)), rewriter);
    }
  }

  private static void unwrap(Operation operation, Rewriter rewriter) {
    Region region = operation.regions().get(0);
    for (Value argument : region.arguments()) {
      boolean given = argument.index() < operation.operandCount()
          && operation.operand(argument.index()).type().equals(argument.type());
      if (!argument.isUnused()) {
        rewriter.replaceUses(
            argument,
            given
                ? operation.operand(argument.index())
                : Substitutes.parameter(
                    Substitutes.function(operation, rewriter), argument.type(), rewriter));
      }
    }
    for (Operation inner : region.operations()) {
      if (!inner.definition().has(Trait.TERMINATOR)) {
        rewriter.moveBefore(inner, operation);
      }
    }
    rewriter.replace(operation, region.terminator().operands());
  }
}
