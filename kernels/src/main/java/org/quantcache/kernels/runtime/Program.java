package org.quantcache.kernels.runtime;

import java.util.Map;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.tensor.Tensor;

/** A function that can be run again and again. Not thread-safe: one run at a time. */
public interface Program extends AutoCloseable {
  /** Parameters, results and bounds. */
  ProgramSignature signature();

  /**
   * Runs the function.
   *
   * @param inputs a tensor for each parameter; others are ignored
   * @param steps number of sampling steps, for functions that loop
   * @param observer told of each step; called on the calling thread
   * @param decisions how it is decided which guarded regions are computed
   * @return the results by name, in order
   * @throws org.quantcache.ir.diagnostics.UserError RT0101 when inputs are missing or do not fit,
   *     RT0110 when decisions to replay do not fit
   */
  Map<String, Tensor> run(
      Map<String, Tensor> inputs, int steps, StepObserver observer, DecisionMode decisions);

  /** Runs the function; its guards decide by what they measure. */
  default Map<String, Tensor> run(Map<String, Tensor> inputs, int steps, StepObserver observer) {
    return run(inputs, steps, observer, DecisionMode.ADAPTIVE);
  }

  /** Frees what the program holds outside of the Java heap. */
  @Override
  void close();
}
