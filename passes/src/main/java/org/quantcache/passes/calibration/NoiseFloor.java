package org.quantcache.passes.calibration;

import org.quantcache.ir.types.QuantType.Granularity;

/**
 * What rounding alone changes of what the default probe of a guard sees; method section 2, "noise floor".
 *
 * @param passes pipeline text that rounds
 * @param bits of the products that it rounds
 * @param floor relative L1 distance {@code |q_t - p_t| / |p_t|} of rounded and exact value at one step from one latent, mean
 *     over steps and cases
 */
public record NoiseFloor(String passes, Bits bits, double floor) {
  /**
   * Bits of rounded products.
   *
   * @param weights mean bits of a weight
   * @param activations mean bits of what is multiplied with one
   * @param granularity what shares a range of activations
   */
  public record Bits(double weights, double activations, Granularity granularity) {
    /** Grids this far apart in mean bits still have the same noise. */
    private static final double CLOSE = 0.5;

    boolean isNear(Bits other) {
      return granularity == other.granularity
          && Math.abs(weights - other.weights) <= CLOSE
          && Math.abs(activations - other.activations) <= CLOSE;
    }

    double distance(Bits other) {
      return Math.abs(weights - other.weights) + Math.abs(activations - other.activations);
    }
  }

  /** @throws IllegalArgumentException when a number has no meaning */
  public NoiseFloor {
    boolean meant = bits.weights() > 0 && bits.activations() > 0 && floor >= 0 && floor < 1;
    if (!meant) {
      throw new IllegalArgumentException("a noise floor holds a number without meaning");
    }
  }
}
