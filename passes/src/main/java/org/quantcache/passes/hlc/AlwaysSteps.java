package org.quantcache.passes.hlc;

import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;

/** Steps that are computed whatever was measured, as options. */
final class AlwaysSteps {
  private AlwaysSteps() {}

  static List<OptionSpec> options() {
    return List.of(
        OptionSpec.integer("warmup", 2, 1, 1000, "first steps that are always computed"),
        OptionSpec.integer("tail", 2, 0, 1000, "last steps that are always computed"),
        OptionSpec.real("from", 0, 0, 1, "part of the loop before which every step is computed"),
        OptionSpec.real("until", 1, 0, 1, "part of the loop from which on every step is computed"));
  }

  /** @throws UserError PA0503 when parts of the loop are out of order */
  static AlwaysComputed of(Options options) {
    try {
      return new AlwaysComputed(
          options.integer("warmup"),
          options.integer("tail"),
          options.real("from"),
          options.real("until"));
    } catch (IllegalArgumentException e) {
      throw UserError.of("PA0503", "the steps that are always computed: %s", e.getMessage())
          .withHint("the guard serves the loop between 'from' and 'until'");
    }
  }
}
