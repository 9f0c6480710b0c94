package org.quantcache.kernels.executor;

import java.nio.ByteBuffer;

/**
 * Told after each operation of an executor that was written to be watched, on the thread that runs it. Operations are
 * told by their number: their place in the function, outer ones before inner ones.
 */
@FunctionalInterface
public interface OperationWatch {
  /** Sees nothing. */
  OperationWatch NONE = (operation, step, arena) -> {};

  /** The memory of values as it is now. */
  @FunctionalInterface
  interface Arena {
    /** {@code bytes} bytes from {@code offset} on. */
    ByteBuffer view(long offset, long bytes);
  }

  /**
   * An operation is done; one that is left out is not told.
   *
   * @param step of the loop, 0 in front of it
   */
  void computed(int operation, int step, Arena arena);
}
