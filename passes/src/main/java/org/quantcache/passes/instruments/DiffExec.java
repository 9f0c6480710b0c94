package org.quantcache.passes.instruments;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.execution.Difference;
import org.quantcache.passes.execution.DifferentialExecution;

/**
 * Runs the module before the first pass and after every one that changed it, and holds each pass to its numerics class:
 * differential execution.
 */
public final class DiffExec implements PassInstrument {
  private final Function<IrModule, DifferentialExecution> runner;
  private final Consumer<String> told;
  private Optional<DifferentialExecution> execution = Optional.empty();
  private Map<String, Tensor> expected = Map.of();

  /**
   * With seeded inputs and weights.
   *
   * @param told a line of each pass
   */
  public DiffExec(DifferentialExecution.Settings settings, Consumer<String> told) {
    this(module -> new DifferentialExecution(module, settings), told);
  }

  /**
   * With an execution of the caller's.
   *
   * @param runner what runs the modules of a pipeline, by the one that it begins with
   * @param told a line of each pass
   */
  public DiffExec(Function<IrModule, DifferentialExecution> runner, Consumer<String> told) {
    this.runner = runner;
    this.told = told;
  }

  /** @throws UserError PA0606, PA0607 when the module cannot be run to any purpose */
  @Override
  public void start(IrModule module) {
    execution = Optional.of(runner.apply(module));
    expected = execution.get().runOrigin(module);
  }

  /** @throws UserError PA0605 when results are farther apart than the numerics class of the pass allows */
  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    if (!changed) {
      return;
    }
    Map<String, Tensor> found = execution.orElseThrow().run(module);
    double bound = DifferentialExecution.bound(pass.numerics());
    Optional<Difference> worst = Difference.largest(expected, found);
    if (worst.isPresent() && worst.get().relative() > bound) {
      throw UserError.of(
              "PA0605",
              "pass '%s' (#%d) changed what the program computes: %s; allowed is %s",
              pass.name(),
              number,
              worst.get().text(),
              bound == 0 ? "nothing" : Double.toString(bound))
          .withHint("'qcc bisect' with the same passes finds the rewrite");
    }
    told.accept(pass.name() + " (#" + number + "): "
        + worst.map(w -> w.relative() == 0 ? "equal bits" : w.text()).orElse("no results"));
    expected = found;
  }
}
