package org.quantcache.passes.hlc;

import java.util.Arrays;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;

/** Changes of what the region reads, added up to a threshold, as option text. */
final class Accumulation {
  private static final String NONE = "none";
  private static final String NUMBER = "-?[0-9]{1,9}(\\.[0-9]{1,15})?([eE]-?[0-9]{1,2})?";

  private Accumulation() {}

  static List<OptionSpec> options() {
    return List.of(
        OptionSpec.text(
            "accumulate",
            NONE,
            NONE + "|" + NUMBER,
            "none, or a number such as 0.1",
            "sum of the changes of what the region reads from which on it is computed, instead of a codebook"),
        OptionSpec.text(
            "rescale",
            "1/0",
            NUMBER + "(/" + NUMBER + "){0,15}",
            "numbers with / between them, such as 1/0",
            "polynomial of a change that is added up in its place, highest power first"));
  }

  /** Whether the options ask for it. */
  static boolean isAsked(Options options) {
    return !options.word("accumulate").equals(NONE);
  }

  /** @throws UserError PA0509 when a number has no meaning, or a plan stands beside it */
  static AccumulatePolicy parse(Options options, AlwaysComputed always, DivergenceMetric metric) {
    String threshold = options.word("accumulate");
    String rescale = options.word("rescale");
    if (!options.word("plan").equals(Plan.NONE)) {
      throw UserError.of(
              "PA0509", "steps are computed by accumulate=%s and by a plan at once", threshold)
          .withHint("leave one of them out");
    }
    try {
      return new AccumulatePolicy(
          Double.parseDouble(threshold),
          Arrays.stream(rescale.split("/")).map(Double::valueOf).toList(),
          always,
          metric);
    } catch (IllegalArgumentException e) {
      throw UserError.of(
              "PA0509",
              "accumulate=%s with rescale=%s cannot be used: %s",
              threshold,
              rescale,
              e.getMessage())
          .withHint("the threshold is above 0, as in accumulate=0.1,rescale=1/0");
    }
  }
}
