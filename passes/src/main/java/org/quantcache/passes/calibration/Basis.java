package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * What rounding costs when channels are balanced or rotated before. Errors are squared, relative to the output of the
 * product, mean over the sampled rows.
 *
 * @param balance exponent alpha of the balance, 0 for none
 * @param rotated whether channels are turned by a Hadamard transform
 * @param activations error when only what the product reads is rounded, one range a row, to each of {@link #BITS}
 * @param weights error when only the weight is rounded, with the best clip for each width and group
 */
public record Basis(
    double balance, boolean rotated, List<Double> activations, List<RoundedWeight> weights) {
  /** Widths that are measured, ascending. */
  public static final List<Integer> BITS = ImmutableList.of(4, 6, 8);

  /** A balance that is measured; 0 is none. */
  public static final List<Double> BALANCES = ImmutableList.of(0.0, 0.25, 0.5, 0.75);

  /** @throws IllegalArgumentException when a number has no meaning */
  public Basis {
    activations = ImmutableList.copyOf(activations);
    weights = ImmutableList.copyOf(weights);
    boolean meant = balance >= 0
        && balance < 1
        && activations.size() == BITS.size()
        && activations.stream().allMatch(LayerRounding::isError)
        && !weights.isEmpty();
    if (!meant) {
      throw new IllegalArgumentException("a basis holds a number without meaning");
    }
  }

  /** Error when activations are rounded. @throws IllegalArgumentException for a width that was not measured */
  public double activationError(int bits) {
    int index = BITS.indexOf(bits);
    if (index < 0) {
      throw new IllegalArgumentException("no error of " + bits + " bits was measured");
    }
    return activations.get(index);
  }
}
