package org.quantcache.passes.pipelines;

import java.util.List;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.MeasuredTarget;
import org.quantcache.passes.calibration.Target;

/** Pipelines by what they are known to reach: {@code psnr-40} in dB, {@code speedup-10} in times the lossless build. */
final class Targets {
  private Targets() {}

  /** The best pipeline that a calibration holds for a target. @throws UserError PA0109 when there is none */
  static String text(Target target, Optional<Calibration> calibration) {
    return calibration
        .flatMap(known -> known.reaching(target))
        .map(found -> found.reached().passes())
        .orElseThrow(() -> missing(target, calibration));
  }

  private static UserError missing(Target target, Optional<Calibration> calibration) {
    List<String> known = calibration.map(Calibration::targets).orElse(List.of()).stream()
        .map(MeasuredTarget::target)
        .map(Target::name)
        .distinct()
        .toList();
    return UserError.of(
            "PA0109",
            "%s '%s'",
            calibration.isPresent()
                ? "the calibration has no pipeline for"
                : "there is no calibration to look up",
            target.name())
        .withHint(
            "find one: qcc schedule CALIBRATION --%s %s --model MODEL_DIR -o CALIBRATION; known: %s",
            target.measure().text(), target.number(), known);
  }
}
