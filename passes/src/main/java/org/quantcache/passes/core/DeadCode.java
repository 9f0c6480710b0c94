package org.quantcache.passes.core;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;

/** Removes pure operations whose results nobody reads, and weights that nobody gets. */
public final class DeadCode {
  private DeadCode() {}

  public static void remove(IrModule module, Rewriter rewriter) {
    Set<String> used = new HashSet<>();
    for (Function function : module.functions()) {
      remove(function.body(), rewriter);
      function.body().walk(operation -> {
        if (operation.is(StructureOps.WEIGHT_GET)) {
          used.add(operation.attributes().symbol("weight"));
        }
      });
    }
    for (Operation global : module.globals()) {
      if (global.is(StructureOps.WEIGHT_DEF) && !used.contains(global.symbol().orElseThrow())) {
        rewriter.erase(global);
      }
    }
  }

  private static void remove(Region region, Rewriter rewriter) {
    List<Operation> operations = region.operations();
    for (int i = operations.size() - 1; i >= 0; i--) {
      Operation operation = operations.get(i);
      operation.regions().forEach(inner -> remove(inner, rewriter));
      boolean unread = operation.results().stream().allMatch(Value::isUnused);
      if (unread && operation.definition().has(Trait.PURE)) {
        rewriter.erase(operation);
      }
    }
  }
}
