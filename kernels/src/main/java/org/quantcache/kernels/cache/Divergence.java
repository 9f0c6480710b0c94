package org.quantcache.kernels.cache;

import org.quantcache.ir.policy.DivergenceMetric;

/**
 * A measured divergence and what it is made of; paper equation 5.
 *
 * @param relative change against the value before
 * @param floor relative change that quantization alone causes
 * @param distance what the metric takes of the change: {@code relative}, or the mean change of an element
 * @param gap steps that the change is spread over
 * @param motion factor from the change between frames
 */
public record Divergence(double relative, double floor, double distance, int gap, double motion) {
  /**
   * D of one probe.
   *
   * @param change what it saw
   * @param gradientBefore inter-frame gradient when the value was computed last
   * @param gap steps since then
   */
  static Divergence of(DivergenceMetric metric, Change change, double gradientBefore, int gap) {
    double relative = change.difference() / change.previous();
    double distance = metric.norm() == DivergenceMetric.Norm.L1_REL
        ? relative
        : change.difference() / change.elements();
    return new Divergence(
        relative,
        metric.noiseFloor(),
        distance,
        gap,
        motion(metric, change.gradient(), gradientBefore, gap));
  }

  /** D, by step. */
  public double value() {
    return distance * kept() / gap * motion;
  }

  /** Part of the change that quantization does not explain, 0..1. */
  public double kept() {
    return relative <= floor ? 0 : Math.sqrt(1 - floor * floor / (relative * relative));
  }

  /** Whether the change was within what quantization alone causes. */
  public boolean noiseDominated() {
    return floor > 0 && relative <= floor;
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
