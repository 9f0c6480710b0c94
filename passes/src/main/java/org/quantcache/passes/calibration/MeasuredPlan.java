package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Computed steps whose error was measured in whole runs, not foretold.
 *
 * @param linear whether the other steps continue the line through the last two values, instead of holding the last one
 * @param computed steps that are computed, ascending, the first one 0
 * @param qualityDb latents of the full runs over their error, squared, in dB; mean over the calibration cases
 */
public record MeasuredPlan(boolean linear, List<Integer> computed, double qualityDb) {
  /** @throws IllegalArgumentException when steps do not ascend from 0 */
  public MeasuredPlan {
    computed = ImmutableList.copyOf(computed);
    if (computed.isEmpty() || computed.get(0) != 0) {
      throw new IllegalArgumentException("the first computed step is 0, found " + computed);
    }
    for (int i = 1; i < computed.size(); i++) {
      if (computed.get(i) <= computed.get(i - 1)) {
        throw new IllegalArgumentException("computed steps ascend, found " + computed);
      }
    }
    if (!Double.isFinite(qualityDb)) {
      throw new IllegalArgumentException("a quality is finite, found " + qualityDb);
    }
  }
}
