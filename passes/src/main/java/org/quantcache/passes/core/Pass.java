package org.quantcache.passes.core;

import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Rewriter;

/** A rewrite of a module. It has no state but its options; the manager does everything around it. */
public interface Pass {
  PassInfo info();

  /**
   * Rewrites the module through {@code rewriter}.
   *
   * @throws org.quantcache.ir.diagnostics.UserError PA... when the module cannot be treated
   */
  void run(IrModule module, Rewriter rewriter);
}
