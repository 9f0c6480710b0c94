package org.quantcache.kernels.explain;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.quantcache.kernels.cache.Divergence;
import org.quantcache.kernels.cache.GuardInputs;

/**
 * What one guard decides at one step, and by what.
 *
 * @param step index of the step, from 0
 * @param computed false when the value is reused
 * @param inputs what it knew; empty where it was not asked, for it stands in a region that was reused
 * @param measured D of each probe at step {@code inputs.since}; empty where nothing was measured
 */
public record GuardStep(
    int step, boolean computed, Optional<GuardInputs> inputs, List<Divergence> measured) {
  public GuardStep {
    measured = ImmutableList.copyOf(measured);
  }
}
