package org.quantcache.passes.calibration;

import java.util.Locale;

/**
 * What a pipeline reached on the calibration cases, against the lossless build.
 *
 * @param passes pipeline text
 * @param psnrDb quality, mean over the cases; infinite when nothing differs
 * @param speedup time of the lossless build over its own, medians over the cases
 * @param computedSteps mean number of computed steps
 */
public record Reached(String passes, double psnrDb, double speedup, double computedSteps) {
  /** The figures as a line. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%.2f dB, %.2f times as fast, %.1f computed steps",
        psnrDb,
        speedup,
        computedSteps);
  }
}
