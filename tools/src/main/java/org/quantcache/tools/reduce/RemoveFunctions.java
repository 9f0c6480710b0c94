package org.quantcache.tools.reduce;

import java.util.List;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Rewriter;

/** Takes functions out. */
final class RemoveFunctions implements Edit {
  @Override
  public String name() {
    return "functions";
  }

  @Override
  public int places(IrModule module) {
    return module.functions().size();
  }

  @Override
  public void apply(Rewriter rewriter, List<Integer> places) {
    List<Function> functions = rewriter.module().functions();
    places.forEach(place -> rewriter.erase(functions.get(place)));
  }
}
