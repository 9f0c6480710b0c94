package org.quantcache.kernels.cache;

import java.nio.FloatBuffer;

/**
 * What a probe saw, summed over all rows.
 *
 * @param difference sum of |p - previous|
 * @param previous sum of |previous|
 * @param motion sum of |p - p one frame earlier|
 * @param pairs sum of the magnitudes of those pairs; 0 for a single frame
 * @param elements number of elements of p
 */
record Change(double difference, double previous, double motion, double pairs, long elements) {
  private static final int SUMS = 4;

  /** Adds up {@code [rows, 4]} in double, always in the same order. */
  static Change of(FloatBuffer rows, long elements) {
    double[] total = new double[SUMS];
    for (int i = 0; i < rows.capacity(); i++) {
      total[i % SUMS] += rows.get(i);
    }
    return new Change(total[0], total[1], total[2], total[3], elements);
  }

  /** Whether there was a value before. */
  boolean known() {
    return previous > 0;
  }

  /** Inter-frame gradient in 0..1; NaN for a single frame, which has none. */
  double gradient() {
    return pairs > 0 ? motion / pairs : Double.NaN;
  }
}
