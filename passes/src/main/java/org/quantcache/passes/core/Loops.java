package org.quantcache.passes.core;

import java.util.function.Consumer;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.diagnostics.UserError;
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

  /**
   * Visits the loops of every function, for a pass whose work is between their steps.
   *
   * @param pass its name
   * @throws UserError PA0511 when there is none
   */
  public static void require(IrModule module, String pass, Consumer<Operation> visitor) {
    boolean[] found = {false};
    forEach(module, loop -> {
      found[0] = true;
      visitor.accept(loop);
    });
    if (!found[0]) {
      throw UserError.of("PA0511", "%s has nothing to do: the program has no sampling loop", pass)
          .withHint("lift the loop ('--entry sample'), or leave %s out of '--passes'", pass);
    }
  }
}
