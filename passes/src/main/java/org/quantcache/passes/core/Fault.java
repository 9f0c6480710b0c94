package org.quantcache.passes.core;

import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.diagnostics.UserError;

/**
 * A wrong rewrite on purpose, for tests of what has to find it. Every pass has the hidden option {@code fault=k}: what its
 * k-th rewrite made is spoiled, so that the module still verifies and computes something else.
 */
final class Fault {
  /** Hidden: no table and no help shows it. */
  static final OptionSpec OPTION =
      OptionSpec.integer("fault", 0, 1, 1_000_000, "number of the rewrite that is spoiled");

  private final PassInfo info;
  private final IrModule module;
  private final OpRegistry registry;
  private final long spoiled;
  private long made;
  private Optional<Snapshot> before = Optional.empty();

  private Fault(PassInfo info, IrModule module, OpRegistry registry, long spoiled) {
    this.info = info;
    this.module = module;
    this.registry = registry;
    this.spoiled = spoiled;
  }

  /** What the options of a step ask for: one fault or none. */
  static Fault of(Pipeline.Step step, IrModule module, OpRegistry registry) {
    boolean asked = step.options().has(OPTION.name());
    return new Fault(
        step.pass().info(), module, registry, asked ? step.options().integer(OPTION.name()) : 0);
  }

  /** The pass is about to make a rewrite, counted from 1. */
  void before(long index) {
    made = index;
    before = index == spoiled ? Optional.of(Snapshot.of(module)) : Optional.empty();
  }

  /** The pass has made it. @throws UserError PA0604 when there is no way to spoil it */
  void after(String event, Location location) {
    if (before.isEmpty()) {
      return;
    }
    boolean done = new Spoiler(module, registry).spoil(before.get().changed(module));
    before = Optional.empty();
    if (!done) {
      throw UserError.of(
              "PA0604",
              "rewrite %d of '%s', %s at %s, cannot be spoiled",
              spoiled,
              info.name(),
              event,
              location.text())
          .withHint("choose another number for 'fault'");
    }
  }

  /** The pass is through. @throws UserError PA0604 when it has made fewer rewrites, unless some were refused */
  void requireMade(long refused) {
    if (spoiled > made && refused == 0) {
      throw UserError.of(
              "PA0604",
              "fault=%d of '%s' is not there: the pass makes %d rewrites",
              spoiled,
              info.name(),
              made)
          .withHint("choose a smaller number for 'fault', or another module");
    }
  }
}
