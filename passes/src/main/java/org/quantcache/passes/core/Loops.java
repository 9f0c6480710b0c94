package org.quantcache.passes.core;

import java.util.function.Consumer;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StructureOps;

/** The sampling loops of a module. */
public final class Loops {
  private Loops() {}

  /** Visits the loops of every function; the visitor may rewrite what it sees. */
  public static void forEach(IrModule module, Consumer<Operation> visitor) {
    module
        .functions()
        .forEach(f -> f.body().operations().stream()
            .filter(op -> op.is(StructureOps.LOOP))
            .forEach(visitor));
  }
}
