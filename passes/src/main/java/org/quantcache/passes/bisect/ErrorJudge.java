package org.quantcache.passes.bisect;

import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.execution.Difference;
import org.quantcache.passes.execution.DifferentialExecution;

/** Good is what stays within a relative L2 of the module before any pass, whatever the passes may do. */
public final class ErrorJudge implements Judge {
  private final DifferentialExecution execution;
  private final double most;
  private Map<String, Tensor> expected = Map.of();

  /** @param most largest relative L2 of a result that is good */
  public ErrorJudge(DifferentialExecution execution, double most) {
    this.execution = execution;
    this.most = most;
  }

  @Override
  public void prepare(IrModule input) {
    expected = execution.runOrigin(input);
  }

  @Override
  public Optional<String> problem(IrModule module) {
    return Difference.largest(expected, execution.run(module))
        .filter(difference -> difference.relative() > most)
        .map(Difference::text);
  }
}
