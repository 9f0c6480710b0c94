package org.quantcache.passes.core;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;

/** Runs a pipeline: checks the stages of all of it first, then runs pass after pass under its instruments. */
public final class PassManager {
  private final OpRegistry registry;
  private final List<PassInstrument> instruments;

  public PassManager(OpRegistry registry, List<PassInstrument> instruments) {
    this.registry = registry;
    this.instruments = ImmutableList.copyOf(instruments);
  }

  /** Rewrites {@code module}. @throws UserError PA0105 when the order of the passes is wrong, and what passes throw */
  public void run(Pipeline pipeline, IrModule module) {
    checkStages(pipeline, module);
    instruments.forEach(i -> i.start(module));
    new Run(module).all(pipeline.elements());
  }

  private static void checkStages(Pipeline pipeline, IrModule module) {
    Set<Stage> reached = EnumSet.noneOf(Stage.class);
    reached.addAll(Stage.of(module));
    for (Pipeline.Step step : pipeline.steps()) {
      PassInfo info = step.pass().info();
      for (Stage needed : info.needs()) {
        if (!reached.contains(needed)) {
          throw UserError.of(
              "PA0105",
              "pass '%s' must run after stage '%s', reached are %s",
              info.name(),
              needed.text(),
              texts(reached));
        }
      }
      for (Stage forbidden : info.forbids()) {
        if (reached.contains(forbidden)) {
          throw UserError.of(
              "PA0105",
              "pass '%s' must run before stage '%s', reached are %s",
              info.name(),
              forbidden.text(),
              texts(reached));
        }
      }
      reached.addAll(info.gives());
    }
  }

  private static List<String> texts(Set<Stage> stages) {
    return stages.stream().map(Stage::text).toList();
  }

  /** One run of a pipeline; numbers its passes. */
  private final class Run {
    private final IrModule module;
    private int number;

    Run(IrModule module) {
      this.module = module;
    }

    /** Returns whether anything was changed. */
    boolean all(List<Pipeline.Element> elements) {
      boolean changed = false;
      for (Pipeline.Element element : elements) {
        changed |= element instanceof Pipeline.Fixpoint fixpoint
            ? repeated(fixpoint)
            : runOne(++number, (Pipeline.Step) element, module);
      }
      return changed;
    }

    private boolean repeated(Pipeline.Fixpoint fixpoint) {
      for (long round = 1; round <= fixpoint.limit(); round++) {
        long started = round;
        instruments.forEach(i -> i.startRound(fixpoint.text(), started));
        boolean changed = all(fixpoint.elements());
        instruments.forEach(PassInstrument::endRound);
        if (!changed) {
          return round > 1;
        }
      }
      throw UserError.of(
              "PA0107",
              "'%s' still changes the module after %d rounds",
              fixpoint.text(),
              fixpoint.limit())
          .withHint("raise its limit or leave one of its passes out");
    }
  }

  private boolean runOne(int number, Pipeline.Step step, IrModule module) {
    PassInfo info = step.pass().info();
    for (PassInstrument instrument : instruments) {
      if (!instrument.mayRun(number, info)) {
        return false;
      }
    }
    List<PassInstrument> inner = new ArrayList<>(instruments);
    Collections.reverse(inner);
    Fault fault = Fault.of(step, module, registry);
    Rewriter rewriter =
        new Rewriter(module, registry, new RewriteWatch(number, info, instruments, fault));
    instruments.forEach(i -> i.next(number, info, step.text()));
    instruments.forEach(i -> i.before(number, info, module));
    try {
      step.pass().run(module, rewriter);
      fault.requireMade(rewriter.refused());
      info.gives().forEach(stage -> stage.mark(module));
      boolean changed = rewriter.changes() > 0;
      inner.forEach(i -> i.after(number, info, module, changed));
      return changed;
    } catch (RuntimeException e) {
      inner.forEach(i -> i.failed(number, info, module, e));
      throw e;
    }
  }
}
