package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How what the default probe of a guard sees moves along a loop that computes every step: what the attention over frames at
 * half depth adds, p (method section 1).
 *
 * @param cases calibration runs that it is the mean of, the first ones
 * @param changes relative L1 change {@code |p_t - p_{t-1}| / |p_{t-1}|} at steps 1 and following, {@code [steps - 1]}
 * @param motionMean mean inter-frame gradient, in 0..1; empty for a model of one frame
 */
public record DivergenceCurve(int cases, List<Double> changes, OptionalDouble motionMean) {
  /** @throws IllegalArgumentException when a number has no meaning */
  public DivergenceCurve {
    changes = ImmutableList.copyOf(changes);
    boolean meant = cases >= 1
        && !changes.isEmpty()
        && changes.stream().allMatch(LayerRounding::isError)
        && !(motionMean.isPresent()
            && !(motionMean.getAsDouble() > 0 && motionMean.getAsDouble() <= 1));
    if (!meant) {
      throw new IllegalArgumentException("the divergence holds a number without meaning");
    }
  }
}
