package org.quantcache.tools.reduce;

import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;

/** Takes operations out. Whoever reads their results reads an operand of the same type instead, or a parameter. */
final class RemoveOperations implements Edit {
  @Override
  public String name() {
    return "operations";
  }

  @Override
  public int places(IrModule module) {
    return Substitutes.operations(module).size();
  }

  @Override
  public void apply(Rewriter rewriter, List<Integer> places) {
    List<Operation> operations = Substitutes.operations(rewriter.module());
    // The last ones go first, so that what stands in for a result is there.
    for (int i = places.size() - 1; i >= 0; i--) {
      remove(operations.get(places.get(i)), rewriter);
    }
  }

  private static void remove(Operation operation, Rewriter rewriter) {
    for (Value result : operation.results()) {
      if (!result.isUnused()) {
        rewriter.replaceUses(result, Substitutes.operandOrParameter(operation, result, rewriter));
      }
    }
    rewriter.erase(operation);
  }
}
