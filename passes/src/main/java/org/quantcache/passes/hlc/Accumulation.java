package org.quantcache.passes.hlc;

import java.util.Arrays;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;

/** A threshold for changes that add up from step to step, as options. */
final class Accumulation {
  private static final String NONE = "none";
  private static final String NUMBER = "-?[0-9.]{1,12}(e-?[0-9]{1,3})?";

  private Accumulation() {}

  static List<OptionSpec> options() {
    return List.of(
        OptionSpec.text(
            "accumulate",
            NONE,
            NONE + "|" + NUMBER,
            "none, or a number such as 0.15",
            "instead of a codebook: compute when the changes of the input, measured at every step, add up to so much"),
        OptionSpec.text(
            "rescale",
            "1/0",
            NUMBER + "(/" + NUMBER + "){0,15}",
            "coefficients, highest power first, such as 1/0",
            "polynomial that such a change goes through before it is added"));
  }

  static boolean isAsked(Options options) {
    return !options.word("accumulate").equals(NONE);
  }

  /** @throws UserError PA0503 when a number has no meaning */
  static AccumulatePolicy of(Options options, DivergenceMetric metric) {
    String text = options.word("accumulate");
    String rescale = options.word("rescale");
    try {
      return new AccumulatePolicy(
          Double.parseDouble(text),
          Arrays.stream(rescale.split("/")).map(Double::valueOf).toList(),
          options.integer("warmup"),
          options.integer("tail"),
          metric);
    } catch (IllegalArgumentException e) {
      throw UserError.of(
              "PA0503",
              "changes cannot add up to %s after rescaling by %s: %s",
              text,
              rescale,
              e.getMessage())
          .withHint("the threshold is positive, as in accumulate=0.15,rescale=1/0");
    }
  }
}
