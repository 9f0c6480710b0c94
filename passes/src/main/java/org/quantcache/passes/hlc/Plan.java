package org.quantcache.passes.hlc;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.PlanPolicy;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.OptionSpec;

/**
 * A plan as option text: {@code 100:0/1/5/11} computes four steps of a hundred, {@code 12} the twelve steps that a
 * calibration makes out to be the best ones.
 */
final class Plan {
  static final String NONE = "none";

  private Plan() {}

  static OptionSpec option() {
    return OptionSpec.text(
        "plan",
        NONE,
        NONE + "|[0-9]{1,3}|[0-9]{1,6}:[0-9]{1,6}(/[0-9]{1,6}){0,2000}",
        "none, a number of computed steps, or steps:computed/computed/... such as 100:0/1/5/11",
        "computed steps chosen beforehand, instead of a codebook");
  }

  /**
   * Reads a plan, or makes it.
   *
   * @param linear whether forecasts continue a line
   * @throws UserError PA0504 when steps are out of order, PA0505 when a calibration is missing, PA0602
   */
  static PlanPolicy parse(String text, boolean linear, Optional<Calibration> calibration) {
    if (text.matches("[0-9]+")) {
      Calibration known = calibration.orElseThrow(() -> UserError.of(
              "PA0505", "plan=%s leaves the choice of steps to a calibration, there is none", text)
          .withHint("make one with 'qcc calibrate', or name the steps: plan=100:0/1/5/11"));
      List<Long> computed = known.computedSteps(Integer.parseInt(text), linear).stream()
          .map(Integer::longValue)
          .toList();
      return new PlanPolicy(known.trajectory().steps(), computed);
    }
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
