package org.quantcache.tools.reduce;

import org.quantcache.ir.core.IrModule;

/** Whether a module still shows what is looked for. */
@FunctionalInterface
public interface Interest {
  /**
   * Looks at a module.
   *
   * @param module which the check may change
   * @param text the same module as text
   */
  boolean holds(IrModule module, String text);
}
