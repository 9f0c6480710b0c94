package org.quantcache.passes.hlc;

import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.Levels;
import org.quantcache.passes.core.OptionSpec;

/** A codebook as option text; a single interval needs no measurement. */
final class Codebook {
  private static final String FORM = "([0-9.]{1,12}:[0-9]{1,4}/){0,32}[0-9]{1,4}";

  private Codebook() {}

  static OptionSpec option(String otherwise) {
    return OptionSpec.text(
        "codebook",
        otherwise,
        FORM,
        "bound:interval/.../interval, such as 0.05:8/0.1:4/2",
        "steps until the next computation by divergence");
  }

  /** @throws UserError PA0503 when levels are out of order or an interval has no meaning */
  static CodebookPolicy parse(String text, AlwaysComputed always, DivergenceMetric metric) {
    try {
      return new CodebookPolicy(Levels.parse(text), always, metric);
    } catch (IllegalArgumentException e) {
      throw UserError.of("PA0503", "the codebook '%s' cannot be used: %s", text, e.getMessage())
          .withHint("bounds ascend and intervals are at least 1, as in 0.05:8/0.1:4/2");
    }
  }
}
