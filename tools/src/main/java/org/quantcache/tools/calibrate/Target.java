package org.quantcache.tools.calibrate;

import org.quantcache.ir.diagnostics.UserError;

/**
 * What a setting is to reach on the calibration cases.
 *
 * @param measure what is to be reached
 * @param value how much of it at least
 */
public record Target(Measure measure, double value) {
  /** What is measured of a setting, against the lossless build. */
  public enum Measure {
    /** Quality in dB: PSNR of decoded frames, or of the latents where the model has no decoder; mean over the cases. */
    PSNR,
    /** Time of the lossless build over that of the setting, mean over two cases that both run in turns. */
    SPEEDUP
  }

  /** @throws UserError CL0609 for a value that says nothing */
  public Target {
    double least = measure == Measure.PSNR ? 0 : 1;
    if (!(value > least) || !Double.isFinite(value)) {
      throw UserError.of("CL0609", "a target is above %s, found %s", least, value)
          .withHint("say --psnr 40, in dB, or --speedup 10, in times the lossless build");
    }
  }

  boolean isMet(Reached reached) {
    return measured(reached) >= value;
  }

  double measured(Reached reached) {
    return measure == Measure.PSNR ? reached.psnrDb() : reached.speedup();
  }
}
