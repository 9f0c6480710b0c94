package org.quantcache.kernels.reference;

import java.util.List;
import org.quantcache.ir.core.Operation;
import org.quantcache.kernels.tensor.Tensor;

/** Sees what every operation of a {@link ReferenceProgram} computes, on the thread that runs it. */
@FunctionalInterface
public interface OperationObserver {
  /** Sees nothing. */
  OperationObserver NONE = (operation, step, results) -> {};

  /**
   * An operation is done; one that is left out is not told.
   *
   * @param step of the loop, 0 in front of it
   * @param results as the program goes on with them, which reads what an observer writes there; it may write over them
   *     later
   */
  void computed(Operation operation, int step, List<Tensor> results);
}
