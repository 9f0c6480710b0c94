package org.quantcache.passes.bisect;

import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.execution.DifferentialExecution;
import org.quantcache.passes.instruments.DiffExec;

/** Good is what changes no result by more than the numerics class of each pass allows. */
public final class NumericsJudge implements Judge {
  private final DifferentialExecution execution;

  public NumericsJudge(DifferentialExecution execution) {
    this.execution = execution;
  }

  @Override
  public void prepare(IrModule input) {
    execution.runOrigin(input);
  }

  @Override
  public List<PassInstrument> instruments() {
    return List.of(new DiffExec(module -> execution, line -> {}));
  }
}
