package org.quantcache.tools.reduce;

import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;

/** Puts constants in the place of operations, which says that what they read does not matter. */
final class ReplaceByConstants implements Edit {
  @Override
  public String name() {
    return "operations that may be constants";
  }

  @Override
  public int places(IrModule module) {
    return candidates(module).size();
  }

  private static List<Operation> candidates(IrModule module) {
    return Substitutes.operations(module).stream()
        .filter(op -> !op.is(StructureOps.CONSTANT))
        .filter(op -> !op.is(StructureOps.WEIGHT_GET))
        .toList();
  }

  @Override
  public void apply(Rewriter rewriter, List<Integer> places) {
    List<Operation> operations = candidates(rewriter.module());
    for (int i = places.size() - 1; i >= 0; i--) {
      Operation operation = operations.get(places.get(i));
      for (Value result : operation.results()) {
        if (!result.isUnused()) {
          rewriter.replaceUses(result, Substitutes.constant(operation, result, rewriter));
        }
      }
      rewriter.erase(operation);
    }
  }
}
