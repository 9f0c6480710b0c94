package org.quantcache.ir.policy;

import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * A codebook from divergence to interval (paper eq. 6, with any number of levels), and steps that are always computed.
 * Without bounds there is one interval, and nothing is measured.
 *
 * @param intervals steps until the next computation by divergence
 * @param warmup first steps of a loop that are always computed
 * @param tail last steps of a loop that are always computed
 * @param from part of the loop before which every step is computed, in 0..1
 * @param until part of the loop from which on every step is computed, in 0..1
 * @param metric how divergence is measured
 */
public record CodebookPolicy(
    Levels intervals, long warmup, long tail, double from, double until, DivergenceMetric metric)
    implements GuardPolicy {
  static final String KIND = "codebook";

  private static final String METRIC = DivergenceMetric.KIND;

  /** @throws IllegalArgumentException when a number has no meaning */
  public CodebookPolicy {
    for (long interval : intervals.values()) {
      requireSteps("intervals are", 1, interval);
    }
    requireSteps("warmup is", 1, warmup);
    requireSteps("tail is", 0, tail);
    GuardPolicy.require(
        from >= 0 && from <= until && until <= 1,
        "from and until are parts of the loop, 0..1, in order",
        from + " and " + until);
  }

  private static void requireSteps(String what, long least, long found) {
    GuardPolicy.require(
        found >= least && found <= MOST_STEPS, what + " " + least + ".." + MOST_STEPS, found);
  }

  static CodebookPolicy of(Attributes fields) {
    if (!(fields.get(METRIC) instanceof Attribute.StructAttr metric)
        || !metric.name().equals(METRIC)) {
      throw new IllegalArgumentException("metric is #metric<...>, found " + fields.text());
    }
    return new CodebookPolicy(
        new Levels(fields.reals("bounds"), fields.longs("intervals")),
        fields.integer("warmup"),
        fields.integer("tail"),
        fields.real("from"),
        fields.real("until"),
        DivergenceMetric.of(metric.fields()));
  }

  @Override
  public Attribute attribute() {
    return new Attribute.StructAttr(
        KIND,
        Attributes.of("bounds", intervals.boundsAttribute())
            .with("intervals", Attribute.longs(intervals.values()))
            .with("warmup", Attribute.of(warmup))
            .with("tail", Attribute.of(tail))
            .with("from", Attribute.of(from))
            .with("until", Attribute.of(until))
            .with(METRIC, metric.attribute()));
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
    boolean outside = step < from * steps || step >= until * steps;
    return outside || step < warmup || step >= steps - tail;
  }
}
