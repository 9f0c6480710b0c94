package org.quantcache.kernels.cache;

import org.quantcache.ir.policy.DivergenceMetric;

/**
 * A measured divergence; paper equation 5.
 *
 * @param value D, by step
 * @param noiseDominated whether the change was within what quantization alone causes
 */
record Divergence(double value, boolean noiseDominated) {
  /**
   * D of one probe.
   *
   * @param change what it saw
   * @param gradientBefore inter-frame gradient when the value was computed last
   * @param gap steps since then
   */
  static Divergence of(DivergenceMetric metric, Change change, double gradientBefore, int gap) {
    double relative = change.difference() / change.previous();
    double floor = metric.noiseFloor();
    double kept = relative <= floor ? 0 : Math.sqrt(1 - floor * floor / (relative * relative));
    double distance = metric.norm() == DivergenceMetric.Norm.L1_REL
        ? relative
        : change.difference() / change.elements();
    double value = distance * kept / gap * motion(metric, change.gradient(), gradientBefore, gap);
    return new Divergence(value, floor > 0 && relative <= floor);
  }

  private static double motion(
      DivergenceMetric metric, double gradient, double gradientBefore, int gap) {
    if (Double.isNaN(gradient) || Double.isNaN(gradientBefore)) {
      return 1;
    }
    double drift = Math.abs(gradient - gradientBefore) / gap;
    return switch (metric.motion()) {
      case OFF -> 1;
      case RATIO -> (gradient + drift) / metric.motionMean();
      case LITERAL -> drift;
    };
  }
}
