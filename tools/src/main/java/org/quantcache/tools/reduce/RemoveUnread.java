package org.quantcache.tools.reduce;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;

/** Takes out parameters and weights that nobody reads. */
final class RemoveUnread implements Edit {
  /** One that can go. */
  private interface Unread {
    void erase(Rewriter rewriter);
  }

  @Override
  public String name() {
    return "parameters and weights that nobody reads";
  }

  @Override
  public int places(IrModule module) {
    return candidates(module).size();
  }

  private static List<Unread> candidates(IrModule module) {
    List<Unread> out = new ArrayList<>();
    Set<String> read = new HashSet<>();
    module.walk(op -> {
      if (op.is(StructureOps.WEIGHT_GET)) {
        read.add(op.attributes().symbol("weight"));
      }
    });
    for (Operation global : module.globals()) {
      if (!read.contains(global.symbol().orElse(""))) {
        out.add(rewriter -> rewriter.erase(global));
      }
    }
    for (Function function : module.functions()) {
      for (Value parameter : function.parameters()) {
        if (parameter.isUnused()) {
          out.add(rewriter -> rewriter.eraseParameter(function, parameter));
        }
      }
    }
    return out;
  }

  @Override
  public void apply(Rewriter rewriter, List<Integer> places) {
    List<Unread> all = candidates(rewriter.module());
    places.forEach(place -> all.get(place).erase(rewriter));
  }
}
