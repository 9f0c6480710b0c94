package org.quantcache.passes.core;

import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;

/** Watches passes, and may limit them. Hooks nest: the last instrument told before a pass is the first told after it. */
public interface PassInstrument {
  /** The module before the first pass. */
  default void start(IrModule module) {}

  /** A fixpoint begins a round, counted from 1; rounds may nest. */
  default void startRound(String fixpoint, long round) {}

  /** The last round that began is over. */
  default void endRound() {}

  /** Whether the pass may run. One that is skipped is told to nobody; who refuses a required one breaks the pipeline. */
  default boolean mayRun(int number, PassInfo pass) {
    return true;
  }

  /** The pass that runs next, as pipeline text with every option. */
  default void next(int number, PassInfo pass, String text) {}

  default void before(int number, PassInfo pass, IrModule module) {}

  /** @param changed whether the pass changed anything */
  default void after(int number, PassInfo pass, IrModule module, boolean changed) {}

  /** The pass failed, or an instrument refused what it left; the module is as it left it. */
  default void failed(int number, PassInfo pass, IrModule module, RuntimeException cause) {}

  /**
   * Whether the pass may make a rewrite.
   *
   * @param index the how manieth of this run of the pass it would be, from 1; refused ones do not count
   */
  default boolean mayRewrite(
      int number, PassInfo pass, long index, String event, Location location) {
    return true;
  }

  /** The pass made a rewrite. */
  default void rewritten(PassInfo pass, String event, Location location, Attributes details) {}

  /** The pass saw a chance and did not take it. */
  default void missed(PassInfo pass, String event, Location location, String reason) {}
}
