package org.quantcache.tools.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One line of the ablation: means over all cases, times as ratios of runs that took turns.
 *
 * @param name of the variant
 * @param group curve that it belongs to
 * @param steps sampling steps
 * @param milliseconds median time of a run
 * @param speedupVsLossless time of the lossless build over its time
 * @param speedupVsUnfused time of the build without shared, hoisted or merged work over its time
 * @param psnrDb of the decoded frames against the lossless build, in dB; null when equal
 * @param ssim structural similarity
 * @param relL1 relative L1 of the decoded frames
 * @param hitRate part of the steps at which the block stack was reused
 * @param computedSteps steps at which it was computed
 * @param prunedLayers layers pruned in a run
 * @param meanWeightBits bits of a weight of the blocks
 * @param meanActivationBits bits of an operand of their products
 * @param weightBytes weights of the blocks
 * @param cacheBytes slots that live over the steps
 * @param arenaBytes all values of a run
 * @param fewStepsPsnrDb what the lossless build reaches in the same time with fewer steps; null where it was not
 *     measured
 */
public record AblationRow(
    String name,
    String group,
    int steps,
    double milliseconds,
    @JsonProperty("speedup_vs_lossless") double speedupVsLossless,
    @JsonProperty("speedup_vs_unfused") double speedupVsUnfused,
    @JsonProperty("psnr_db") Double psnrDb,
    double ssim,
    @JsonProperty("rel_l1") double relL1,
    @JsonProperty("hit_rate") double hitRate,
    @JsonProperty("computed_steps") double computedSteps,
    @JsonProperty("pruned_layers") double prunedLayers,
    @JsonProperty("mean_weight_bits") double meanWeightBits,
    @JsonProperty("mean_activation_bits") double meanActivationBits,
    @JsonProperty("weight_bytes") long weightBytes,
    @JsonProperty("cache_bytes") long cacheBytes,
    @JsonProperty("arena_bytes") long arenaBytes,
    @JsonProperty("few_steps_psnr_db") Double fewStepsPsnrDb) {}
