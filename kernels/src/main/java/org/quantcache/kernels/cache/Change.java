package org.quantcache.kernels.cache;

import java.nio.FloatBuffer;
import org.quantcache.ir.ops.PruneOps;

/**
 * What a probe saw, summed over all of it.
 *
 * @param difference sum of |p - previous|
 * @param previous sum of |previous|
 * @param motion sum of |p - p one frame earlier|
 * @param pairs sum of the magnitudes of those pairs; 0 for a single frame or a probe that sees one
 * @param elements number of elements of p
 */
public record Change(
    double difference, double previous, double motion, double pairs, long elements) {
  private static final int SUMS = 4;

  /** Sums of a {@code cache.probe}, {@code [rows, 4]}. */
  static Change of(FloatBuffer rows, long elements) {
    double[] total = total(rows, SUMS);
    return new Change(total[0], total[1], total[2], total[3], elements);
  }

  /** Sums of a product with a probe of its own, {@code [tiles, 5]}, which does not see another frame. */
  static Change ofProduct(FloatBuffer tiles, long elements) {
    double[] total = total(tiles, PruneOps.PROBE_SUMS);
    return new Change(total[3], total[4], 0, 0, elements);
  }

  /** Adds up in double, always in the same order. */
  private static double[] total(FloatBuffer rows, int width) {
    double[] total = new double[width];
    for (int i = 0; i < rows.capacity(); i++) {
      total[i % width] += rows.get(i);
    }
    return total;
  }

  /** Whether there was a value before. */
  public boolean known() {
    return previous > 0;
  }

  /** Inter-frame gradient in 0..1; NaN for a single frame, which has none. */
  public double gradient() {
    return pairs > 0 ? motion / pairs : Double.NaN;
  }
}
