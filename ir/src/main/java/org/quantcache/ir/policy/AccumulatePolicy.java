package org.quantcache.ir.policy;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * A region is computed again when what its input has changed by, step for step, adds up to a threshold; then the sum
 * begins anew. TeaCache (Liu et al. 2024) decides so by the modulated input of the first block.
 *
 * @param threshold sum at which the region is computed, positive
 * @param rescale polynomial that a change goes through before it is added, highest power first; {@code [1, 0]} leaves it
 * @param warmup first steps of a loop that are always computed
 * @param tail last steps of a loop that are always computed
 * @param metric how a change from one step to the next is measured
 */
public record AccumulatePolicy(
    double threshold, List<Double> rescale, long warmup, long tail, DivergenceMetric metric)
    implements GuardPolicy {
  static final String KIND = "accumulate";

  private static final int MOST_COEFFICIENTS = 16;

  /** @throws IllegalArgumentException when a number has no meaning */
  public AccumulatePolicy {
    rescale = ImmutableList.copyOf(rescale);
    GuardPolicy.require(
        threshold > 0 && Double.isFinite(threshold), "threshold is positive", threshold);
    GuardPolicy.require(
        !rescale.isEmpty()
            && rescale.size() <= MOST_COEFFICIENTS
            && rescale.stream().allMatch(Double::isFinite),
        "rescale has 1.." + MOST_COEFFICIENTS + " coefficients",
        rescale);
    GuardPolicy.requireSteps("warmup is", 1, warmup);
    GuardPolicy.requireSteps("tail is", 0, tail);
  }

  static AccumulatePolicy of(Attributes fields) {
    return new AccumulatePolicy(
        fields.real("threshold"),
        fields.reals("rescale"),
        fields.integer("warmup"),
        fields.integer("tail"),
        DivergenceMetric.of(fields));
  }

  @Override
  public Attribute attribute() {
    return new Attribute.StructAttr(
        KIND,
        Attributes.of("threshold", Attribute.of(threshold))
            .with("rescale", Attribute.reals(rescale))
            .with("warmup", Attribute.of(warmup))
            .with("tail", Attribute.of(tail))
            .with(DivergenceMetric.KIND, metric.attribute()));
  }

  /** What a change adds to the sum. */
  public double rescaled(double change) {
    double out = 0;
    for (double coefficient : rescale) {
      out = out * change + coefficient;
    }
    return out;
  }

  @Override
  public boolean measures() {
    return true;
  }

  @Override
  public boolean everyStep() {
    return true;
  }

  @Override
  public long interval(double divergence) {
    return NEVER;
  }

  @Override
  public boolean always(int step, int steps) {
    return step < warmup || step >= steps - tail;
  }
}
