package org.quantcache.ir.policy;

import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * A codebook from divergence to interval (paper eq. 6, with any number of levels), and steps that are always computed.
 * Without bounds there is one interval, and nothing is measured.
 *
 * @param intervals steps until the next computation by divergence
 * @param always steps that are computed whatever was measured
 * @param metric how divergence is measured
 */
public record CodebookPolicy(Levels intervals, AlwaysComputed always, DivergenceMetric metric)
    implements GuardPolicy {
  static final String KIND = "codebook";

  /** @throws IllegalArgumentException when a number has no meaning */
  public CodebookPolicy {
    for (long interval : intervals.values()) {
      GuardPolicy.requireSteps("intervals are", 1, interval);
    }
  }

  static CodebookPolicy of(Attributes fields) {
    return new CodebookPolicy(
        new Levels(fields.reals("bounds"), fields.longs("intervals")),
        AlwaysComputed.of(fields),
        DivergenceMetric.in(fields));
  }

  @Override
  public Attribute attribute() {
    Attributes fields = Attributes.of("bounds", Attribute.reals(intervals.bounds()))
        .with("intervals", Attribute.longs(intervals.values()))
        .with(DivergenceMetric.FIELD, metric.attribute());
    return new Attribute.StructAttr(KIND, always.in(fields));
  }

  @Override
  public long interval(double divergence) {
    return intervals.at(divergence);
  }

  @Override
  public boolean measures() {
    return intervals.vary();
  }

  @Override
  public boolean always(int step, int steps) {
    return always.contains(step, steps);
  }
}
