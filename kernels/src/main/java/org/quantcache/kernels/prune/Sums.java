package org.quantcache.kernels.prune;

import java.nio.FloatBuffer;
import org.quantcache.ir.ops.PruneOps;

/**
 * What a probe saw, summed over all of it.
 *
 * @param product sum of p * held
 * @param square sum of p * p
 * @param heldSquare sum of held * held
 * @param difference sum of |p - held|
 * @param held sum of |held|
 */
record Sums(double product, double square, double heldSquare, double difference, double held) {
  /** Adds up {@code [rows or tiles, 5]} in double, always in the same order. */
  static Sums of(FloatBuffer rows) {
    double[] total = new double[PruneOps.PROBE_SUMS];
    for (int i = 0; i < rows.capacity(); i++) {
      total[i % PruneOps.PROBE_SUMS] += rows.get(i);
    }
    return new Sums(total[0], total[1], total[2], total[3], total[4]);
  }

  /** Cosine similarity, paper equation 9; NaN where one of both is zero. */
  double cosine() {
    return product / Math.sqrt(square * heldSquare);
  }

  /** Relative change, a term of paper equation 11; NaN or infinite where nothing was held. */
  double change() {
    return difference / held;
  }
}
