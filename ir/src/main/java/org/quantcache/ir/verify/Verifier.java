package org.quantcache.ir.verify;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.Diagnostics;

/**
 * Checks a whole module: its structure, then the type rule of every operation, then what the stages it has reached
 * ask for. Everything wrong is collected; a layer is left out only when the one before it failed, since it would look
 * at a broken graph. Form and types of single operations are checked when they are made and again here.
 */
public final class Verifier {
  private final List<StageChecker> checkers;
  private final boolean requireLocations;

  private Verifier(List<StageChecker> checkers, boolean requireLocations) {
    this.checkers = ImmutableList.copyOf(checkers);
    this.requireLocations = requireLocations;
  }

  /** All checks of this module. Operations of imported modules must have a location. */
  public static Verifier standard() {
    return new Verifier(List.of(new PlannedChecker()), true);
  }

  /** The same with one more checker. */
  public Verifier with(StageChecker checker) {
    return new Verifier(
        ImmutableList.<StageChecker>builder().addAll(checkers).add(checker).build(),
        requireLocations);
  }

  /** The same, taking operations without a location. */
  public Verifier withoutLocations() {
    return new Verifier(checkers, false);
  }

  /** Everything that is wrong with {@code module}. */
  public Diagnostics verify(IrModule module) {
    Diagnostics diagnostics = new Diagnostics();
    verify(module, diagnostics);
    return diagnostics;
  }

  /** Adds everything that is wrong with {@code module}. */
  public void verify(IrModule module, Diagnostics diagnostics) {
    int before = diagnostics.errors().size();
    boolean readable = ModuleChecks.check(module, diagnostics);
    List<Stage> reached = readable ? Stage.of(module) : List.of();
    boolean locations = requireLocations && reached.contains(Stage.IMPORTED);
    for (Operation global : module.globals()) {
      OperationChecks.check(global, diagnostics, locations);
    }
    for (Function function : module.functions()) {
      new StructureChecks(module, function, diagnostics).check();
      function.body().walk(op -> OperationChecks.check(op, diagnostics, locations));
    }
    if (diagnostics.errors().size() > before) {
      return;
    }
    for (StageChecker checker : checkers) {
      if (reached.contains(checker.stage())) {
        checker.check(module, diagnostics);
      }
    }
  }

  /** @throws org.quantcache.ir.diagnostics.UserError with everything that is wrong, when anything is */
  public void require(IrModule module) {
    verify(module).throwIfErrors();
  }
}
