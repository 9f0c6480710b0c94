package org.quantcache.kernels.explain;

import java.util.Optional;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.kernels.prune.LayerInputs;
import org.quantcache.kernels.prune.LayerReason;

/**
 * What one layer does at one step, and by what.
 *
 * @param step index of the step, from 0
 * @param outcome what is done
 * @param inputs what it knew; empty where it was not reached
 * @param reason why; empty where it was not reached, or did not decide by its policy
 */
public record LayerStep(
    int step, Outcome outcome, Optional<LayerInputs> inputs, Optional<LayerReason> reason) {}
