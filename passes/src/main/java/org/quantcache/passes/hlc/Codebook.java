package org.quantcache.passes.hlc;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.passes.core.OptionSpec;

/**
 * A codebook as option text: {@code 0.05:8/0.1:4/2} is interval 8 below divergence 0.05, 4 below 0.1, 2 from there on; a
 * single interval needs no measurement.
 *
 * @param bounds upper bounds of divergence
 * @param intervals one more than bounds
 */
record Codebook(String text, List<Double> bounds, List<Long> intervals) {
  private static final String FORM = "([0-9.]{1,12}:[0-9]{1,4}/){0,32}[0-9]{1,4}";

  static OptionSpec option(String otherwise) {
    return OptionSpec.text(
        "codebook",
        otherwise,
        FORM,
        "bound:interval/.../interval, such as 0.05:8/0.1:4/2",
        "steps until the next computation by divergence");
  }

  static Codebook parse(String text) {
    List<Double> bounds = new ArrayList<>();
    List<Long> intervals = new ArrayList<>();
    for (String level : text.split("/")) {
      String[] parts = level.split(":");
      if (parts.length == 2) {
        bounds.add(number(parts[0], text));
      }
      intervals.add(Long.parseLong(parts[parts.length - 1]));
    }
    return new Codebook(text, bounds, intervals);
  }

  private static double number(String bound, String text) {
    try {
      return Double.parseDouble(bound);
    } catch (NumberFormatException e) {
      throw illegal(text, "'" + bound + "' is no number");
    }
  }

  /** @throws UserError PA0503 when levels are out of order or an interval has no meaning */
  CodebookPolicy policy(
      long warmup, long tail, double from, double until, DivergenceMetric metric) {
    try {
      return new CodebookPolicy(bounds, intervals, warmup, tail, from, until, metric);
    } catch (IllegalArgumentException e) {
      throw illegal(text, e.getMessage());
    }
  }

  private static UserError illegal(String text, String reason) {
    return UserError.of("PA0503", "the codebook '%s' cannot be used: %s", text, reason)
        .withHint("bounds ascend and intervals are at least 1, as in 0.05:8/0.1:4/2");
  }
}
