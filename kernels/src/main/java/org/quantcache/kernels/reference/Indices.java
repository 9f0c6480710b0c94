package org.quantcache.kernels.reference;

import java.util.List;

/** Row-major counting. */
final class Indices {
  private Indices() {}

  /** Moves to the next place of a tensor of these sizes. */
  static void advance(int[] index, List<Long> sizes) {
    for (int axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < sizes.get(axis)) {
        return;
      }
      index[axis] = 0;
    }
  }

  /** Flat position of {@code index} read modulo the sizes: the broadcasting rule. */
  static int modulo(int[] index, List<Long> sizes) {
    long at = 0;
    for (int axis = 0; axis < index.length; axis++) {
      at = at * sizes.get(axis) + index[axis] % sizes.get(axis);
    }
    return (int) at;
  }

  /** Whether every index is below its size. */
  static boolean isInside(int[] index, List<Long> sizes) {
    for (int axis = 0; axis < index.length; axis++) {
      if (index[axis] >= sizes.get(axis)) {
        return false;
      }
    }
    return true;
  }
}
