package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * How what the block stack adds moves along the sampling loop: inner products {@code <p_s, p_t>} of the values at any
 * two steps, mean over the calibration runs, divided by the number of elements. The error of any forecast from any
 * steps follows from them.
 *
 * @param products {@code [steps][steps]}, symmetric
 * @param stepSizes what the sampler multiplies the prediction of each step with, {@code [steps]}
 */
public record Trajectory(List<List<Double>> products, List<Double> stepSizes) {
  /** Longer loops make planning slow and are not needed: a plan carries over to other lengths. */
  public static final int MOST_STEPS = 200;

  /** @throws IllegalArgumentException when sizes do not fit or a number is not finite */
  public Trajectory {
    int steps = stepSizes.size();
    if (steps < 2 || steps > MOST_STEPS || products.size() != steps) {
      throw new IllegalArgumentException("a trajectory has 2.." + MOST_STEPS + " steps, found "
          + products.size() + " and " + steps);
    }
    products =
        products.stream().map(ImmutableList::copyOf).collect(ImmutableList.toImmutableList());
    stepSizes = ImmutableList.copyOf(stepSizes);
    for (int s = 0; s < steps; s++) {
      if (products.get(s).size() != steps || !(products.get(s).get(s) >= 0)) {
        throw new IllegalArgumentException("row " + s + " of the products has no meaning");
      }
      for (int t = 0; t < steps; t++) {
        double product = products.get(s).get(t);
        if (!Double.isFinite(product) || product != products.get(t).get(s)) {
          throw new IllegalArgumentException(
              "product " + s + ", " + t + " is not finite or not symmetric");
        }
      }
    }
  }

  /** Length of the loop. */
  public int steps() {
    return stepSizes.size();
  }

  double product(int s, int t) {
    return products.get(s).get(t);
  }
}
