package org.quantcache.ir.verify;

import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.Diagnostics;

/** What must hold for a module once it has reached a stage. Passes bring their own. */
public interface StageChecker {
  /** The stage from which on it holds. */
  Stage stage();

  /** Adds a finding for everything that does not hold. The structure of the module has been checked before. */
  void check(IrModule module, Diagnostics diagnostics);
}
