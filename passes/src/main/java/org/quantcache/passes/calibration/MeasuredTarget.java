package org.quantcache.passes.calibration;

import java.util.Comparator;

/**
 * The pipeline that just reaches a target, found in whole runs.
 *
 * @param target what was asked for
 * @param base pipeline text in front of the guard, as it was given
 * @param reached the pipeline, and what it reached
 */
public record MeasuredTarget(Target target, String base, Reached reached) {
  /** The better one of two for the same target is the faster one of enough quality, or the better one that is fast enough. */
  static final Comparator<MeasuredTarget> BY_MERIT = Comparator.comparingDouble(
      t -> t.target.measure() == Target.Measure.PSNR ? t.reached.speedup() : t.reached.psnrDb());

  /** @throws IllegalArgumentException when a figure has no meaning, or there is no pipeline */
  public MeasuredTarget {
    if (reached.passes().isBlank()
        || Double.isNaN(reached.psnrDb())
        || !isPositive(reached.speedup())
        || !isPositive(reached.computedSteps())) {
      throw new IllegalArgumentException(
          "a target has a pipeline, a PSNR, a speed-up and computed steps, found " + reached);
    }
  }

  private static boolean isPositive(double figure) {
    return figure > 0 && Double.isFinite(figure);
  }

  /** Whether this is an answer to the same question. */
  boolean replaces(MeasuredTarget other) {
    return target.equals(other.target) && base.equals(other.base);
  }
}
