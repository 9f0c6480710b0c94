package org.quantcache.tools.gpu;

import java.util.Locale;
import org.quantcache.kernels.tensor.Tensor;

/**
 * How far a tensor is from another one: the largest difference over the largest number of its row, and where that is.
 * Rows, since those of one tensor may differ by many orders of magnitude.
 */
record RowDistance(double value, int at, double found, double expected) {
  static RowDistance of(Tensor found, Tensor expected) {
    if (!found.sizes().equals(expected.sizes())) {
      throw new IllegalArgumentException(
          "sizes " + found.sizes() + " instead of " + expected.sizes());
    }
    RowDistance worst = new RowDistance(0, 0, 0, 0);
    int channels = expected.sizes().isEmpty() ? 1 : (int) expected.size(-1);
    for (int row = 0; row < expected.count(); row += channels) {
      double largest = Float.MIN_NORMAL;
      for (int i = row; i < row + channels; i++) {
        largest = Math.max(largest, Math.abs(expected.get(i)));
      }
      for (int i = row; i < row + channels; i++) {
        double distance = Math.abs(found.get(i) - expected.get(i)) / largest;
        // Where one of them is no number, they are as far apart as can be.
        if (!(distance <= worst.value)) {
          worst = new RowDistance(
              Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance,
              i,
              found.get(i),
              expected.get(i));
        }
      }
    }
    return worst;
  }

  String text() {
    return value == 0
        ? "the same numbers"
        : String.format(
            Locale.ROOT, "%.1e apart (element %d is %s, not %s)", value, at, found, expected);
  }
}
