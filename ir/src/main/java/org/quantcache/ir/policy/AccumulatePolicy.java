package org.quantcache.ir.policy;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * Changes from step to step are added up until they reach a threshold; then the region is computed and the sum starts
 * anew, as in TeaCache (Liu et al. 2024). The change is one of what the region reads, so it is known in front of every
 * step.
 *
 * @param threshold sum at which the region is computed
 * @param rescale polynomial that every divergence goes through before it is added, highest power first
 * @param always steps that are computed whatever was measured; the sum is 0 behind each of them
 * @param metric how divergence is measured; it is always spread over one step
 */
public record AccumulatePolicy(
    double threshold, List<Double> rescale, AlwaysComputed always, DivergenceMetric metric)
    implements GuardPolicy {
  static final String KIND = "accumulate";

  private static final int MOST_COEFFICIENTS = 16;

  /** @throws IllegalArgumentException when a number has no meaning */
  public AccumulatePolicy {
    rescale = ImmutableList.copyOf(rescale);
    GuardPolicy.require(
        threshold > 0 && Double.isFinite(threshold), "threshold is positive", threshold);
    GuardPolicy.require(
        !rescale.isEmpty() && rescale.size() <= MOST_COEFFICIENTS,
        "rescale has 1.." + MOST_COEFFICIENTS + " coefficients",
        rescale.size());
    GuardPolicy.require(
        rescale.stream().allMatch(Double::isFinite)
            && rescale.stream().anyMatch(coefficient -> coefficient != 0),
        "coefficients of rescale are numbers, not all of them 0",
        rescale);
  }

  static AccumulatePolicy of(Attributes fields) {
    return new AccumulatePolicy(
        fields.real("threshold"),
        fields.reals("rescale"),
        AlwaysComputed.of(fields),
        DivergenceMetric.in(fields));
  }

  @Override
  public Attribute attribute() {
    Attributes fields = Attributes.of("threshold", Attribute.of(threshold))
        .with("rescale", Attribute.reals(rescale))
        .with(DivergenceMetric.FIELD, metric.attribute());
    return new Attribute.StructAttr(KIND, always.in(fields));
  }

  @Override
  public boolean always(int step, int steps) {
    return always.contains(step, steps);
  }

  @Override
  public boolean measures() {
    return true;
  }

  @Override
  public boolean measuresInput() {
    return true;
  }

  @Override
  public double accumulated(double sum, double divergence) {
    double rescaled = 0;
    for (double coefficient : rescale) {
      rescaled = rescaled * divergence + coefficient;
    }
    return sum + rescaled;
  }

  /** This very step, or the next one at the earliest; a sum that is no number is never below the threshold. */
  @Override
  public long interval(double sum) {
    return sum < threshold ? 1 : 0;
  }
}
