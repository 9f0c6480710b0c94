package org.quantcache.kernels.runtime;

import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.tensor.Tensor;

/** Follows a sampling loop from outside. Called on the thread that runs the program. */
public interface StepObserver {
  /** Sees nothing. */
  StepObserver NONE = new StepObserver() {};

  /** Whether {@link #observed} wants the values of a series; values that nobody wants are not copied. */
  default boolean wants(String series) {
    return false;
  }

  /** A value that the program shows at step {@code index} of {@code total}. */
  default void observed(String series, int index, int total, Tensor value) {}

  /** Step {@code index} of {@code total} is done. */
  default void stepped(int index, int total) {}

  /** The loop is done, and this is what its guards decided; not called for a loop without guards. */
  default void decided(DecisionTrace trace) {}
}
