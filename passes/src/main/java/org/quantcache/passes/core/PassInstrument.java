package org.quantcache.passes.core;

import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;

/** Watches passes. Hooks nest: the last instrument told before a pass is the first told after it. */
public interface PassInstrument {
  /** The module before the first pass. */
  default void start(IrModule module) {}

  default void before(int number, PassInfo pass, IrModule module) {}

  /** @param changed whether the pass changed anything */
  default void after(int number, PassInfo pass, IrModule module, boolean changed) {}

  /** The pass failed; the module is as it left it. */
  default void failed(int number, PassInfo pass, IrModule module, RuntimeException cause) {}

  /** The pass made a rewrite. */
  default void rewritten(PassInfo pass, String event, Location location, Attributes details) {}

  /** The pass saw a chance and did not take it. */
  default void missed(PassInfo pass, String event, Location location, String reason) {}
}
