package org.quantcache.tools.cli;

import java.util.List;
import java.util.Optional;
import org.quantcache.passes.calibration.Target;
import picocli.CommandLine.Option;

/** What a schedule is to come to: numbers of computed steps, or a target. One of them is given. */
final class GoalOptions {
  @Option(
      names = "--computed",
      split = ",",
      description = "How many steps are computed; several numbers are compared.")
  private List<Integer> counts;

  @Option(
      names = "--psnr",
      paramLabel = "DB",
      description = "The fastest setting of so much quality against the lossless build.")
  private Double psnr;

  @Option(
      names = "--speedup",
      paramLabel = "TIMES",
      description = "The best setting that is so many times as fast as the lossless build.")
  private Double speedup;

  /** Numbers of computed steps; null for a target. */
  List<Integer> counts() {
    return counts;
  }

  /** The target, if one is asked for. @throws org.quantcache.ir.diagnostics.UserError PA0603 */
  Optional<Target> target() {
    return psnr != null
        ? Optional.of(new Target(Target.Measure.PSNR, psnr))
        : Optional.ofNullable(speedup).map(s -> new Target(Target.Measure.SPEEDUP, s));
  }
}
