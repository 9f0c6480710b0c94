package org.quantcache.passes.srap;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.SimilarityPolicy.Evidence;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.stack.Reuse;

/**
 * What the options of pruning say.
 *
 * @param rule when a layer is left out by what it resembles
 * @param plan when layers are left out instead, if that was chosen beforehand
 * @param protect first and last layers of each kind that always run
 * @param reuse what a layer adds that is left out; empty for nothing
 * @param comparesStreams whether the outputs of layers are compared instead of what their branches add
 */
record PruneOptions(
    SimilarityPolicy rule,
    Optional<PrunePlan> plan,
    int protect,
    Optional<Reuse> reuse,
    boolean comparesStreams) {
  private static final String ADDEND = "addend";
  private static final String STREAM = "stream";
  private static final String ZERO = "zero";
  private static final String REUSE = "reuse";
  private static final String SAME_STEP = "same-step";
  private static final String LAST_COMPUTED = "last-computed";

  static List<OptionSpec> specs() {
    return ImmutableList.<OptionSpec>builder()
        .add(
            PrunePlan.option(),
            OptionSpec.real(
                "tau-low",
                0.8,
                -1,
                1,
                "similarity from which on a layer may be left out by chance"),
            OptionSpec.real(
                "tau-high", 0.9, -1, 1, "similarity above which a layer is left out for sure"),
            OptionSpec.real(
                "probability", 0.5, 0, 1, "chance to be left out between tau-low and tau-high"),
            OptionSpec.word(
                "of",
                ADDEND,
                List.of(ADDEND, STREAM),
                "what is compared: what the branches of two layers add, or their outputs"),
            OptionSpec.word(
                "evidence",
                SAME_STEP,
                List.of(SAME_STEP, LAST_COMPUTED),
                "which similarities count: those of this step, or the last ones there were"),
            OptionSpec.word(
                "bypass",
                REUSE,
                List.of(REUSE, ZERO),
                "what a layer adds that is left out: what its last values say, or nothing as in the paper"))
        .addAll(Reuse.options())
        .add(
            OptionSpec.integer(
                "protect", 1, 0, 1000, "first and last layers of each kind that always run"),
            OptionSpec.real(
                "delta-low",
                0,
                0,
                SimilarityPolicy.NEVER,
                "variation below which tau-high is relaxed"),
            OptionSpec.real(
                "delta-high",
                SimilarityPolicy.NEVER,
                0,
                SimilarityPolicy.NEVER,
                "variation above which a layer is never left out"),
            OptionSpec.real("relax", 0.05, 0, 2, "what is taken off tau-high at low variation"),
            OptionSpec.integer(
                "window", 2, 1, 100, "computed steps whose changes make up the variation"),
            OptionSpec.integer(
                "in-a-row", 1, 1, 1000, "how many times in a row a layer may be left out"),
            OptionSpec.integer("seed", 0, 0, Integer.MAX_VALUE, "seed of decisions by chance"))
        .build();
  }

  /** @throws UserError PA0802 when thresholds are out of order; of {@link PrunePlan#parse} */
  static PruneOptions of(Options options, Optional<Calibration> calibration) {
    boolean reuses = options.word("bypass").equals(REUSE);
    try {
      return new PruneOptions(
          new SimilarityPolicy(
              options.real("tau-low"),
              options.real("tau-high"),
              options.real("probability"),
              options.word("evidence").equals(SAME_STEP)
                  ? Evidence.SAME_STEP
                  : Evidence.LAST_COMPUTED,
              options.real("delta-low"),
              options.real("delta-high"),
              options.real("relax"),
              options.integer("window"),
              options.integer("in-a-row"),
              options.integer("seed")),
          PrunePlan.parse(options.word("plan"), reuses, calibration),
          (int) options.integer("protect"),
          reuses ? Optional.of(Reuse.of(options)) : Optional.empty(),
          options.word("of").equals(STREAM));
    } catch (IllegalArgumentException e) {
      throw UserError.of("PA0802", "srap cannot decide by these thresholds: %s", e.getMessage())
          .withHint("tau-low is at most tau-high, delta-low at most delta-high");
    }
  }
}
