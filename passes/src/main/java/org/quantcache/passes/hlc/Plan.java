package org.quantcache.passes.hlc;

import java.util.Arrays;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.PlanPolicy;
import org.quantcache.passes.core.OptionSpec;

/** A plan as option text: {@code 100:0/1/5/11} computes four steps of a hundred. */
final class Plan {
  static final String NONE = "none";

  private Plan() {}

  static OptionSpec option() {
    return OptionSpec.text(
        "plan",
        NONE,
        NONE + "|[0-9]{1,6}:[0-9]{1,6}(/[0-9]{1,6}){0,2000}",
        "none, or steps:computed/computed/..., such as 100:0/1/5/11",
        "computed steps chosen beforehand, instead of a codebook");
  }

  /** @throws UserError PA0504 when steps are out of order */
  static PlanPolicy parse(String text) {
    String[] parts = text.split(":");
    try {
      List<Long> computed =
          Arrays.stream(parts[1].split("/")).map(Long::valueOf).toList();
      return new PlanPolicy(Long.parseLong(parts[0]), computed);
    } catch (IllegalArgumentException e) {
      throw UserError.of("PA0504", "the plan '%s' cannot be used: %s", text, e.getMessage())
          .withHint("steps ascend from 0 and stay below the number before the colon");
    }
  }
}
