package org.quantcache.ir.policy;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * A codebook from divergence to interval (paper eq. 6, with any number of levels), and steps that are always computed.
 * Without bounds there is one interval, and nothing is measured.
 *
 * @param bounds upper bounds of divergence, ascending; a divergence below bound i gives interval i
 * @param intervals steps until the next computation, one more than bounds; the last one is for any larger divergence
 * @param warmup first steps of a loop that are always computed
 * @param tail last steps of a loop that are always computed
 * @param from part of the loop before which every step is computed, in 0..1
 * @param until part of the loop from which on every step is computed, in 0..1
 * @param metric how divergence is measured
 */
public record CodebookPolicy(
    List<Double> bounds,
    List<Long> intervals,
    long warmup,
    long tail,
    double from,
    double until,
    DivergenceMetric metric)
    implements GuardPolicy {
  static final String KIND = "codebook";

  private static final String METRIC = "metric";

  /** @throws IllegalArgumentException when the codebook is out of order or a number has no meaning */
  public CodebookPolicy {
    bounds = ImmutableList.copyOf(bounds);
    intervals = ImmutableList.copyOf(intervals);
    double last = 0;
    for (double bound : bounds) {
      GuardPolicy.require(
          bound > last && Double.isFinite(bound), "bounds are positive and ascend", bounds);
      last = bound;
    }
    GuardPolicy.require(
        intervals.size() == bounds.size() + 1,
        "there is one interval more than bounds, which are " + bounds,
        intervals);
    for (long interval : intervals) {
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
        fields.reals("bounds"),
        fields.longs("intervals"),
        fields.integer("warmup"),
        fields.integer("tail"),
        fields.real("from"),
        fields.real("until"),
        DivergenceMetric.of(metric.fields()));
  }

  @Override
  public Attribute attribute() {
    List<Attribute> limits = new ArrayList<>();
    bounds.forEach(b -> limits.add(Attribute.of(b.doubleValue())));
    return new Attribute.StructAttr(
        KIND,
        Attributes.of("bounds", new Attribute.ListAttr(limits))
            .with("intervals", Attribute.longs(intervals))
            .with("warmup", Attribute.of(warmup))
            .with("tail", Attribute.of(tail))
            .with("from", Attribute.of(from))
            .with("until", Attribute.of(until))
            .with(METRIC, new Attribute.StructAttr(METRIC, metric.fields())));
  }

  @Override
  public long interval(double divergence) {
    for (int i = 0; i < bounds.size(); i++) {
      if (divergence < bounds.get(i)) {
        return intervals.get(i);
      }
    }
    return intervals.get(bounds.size());
  }

  @Override
  public boolean measures() {
    return !bounds.isEmpty();
  }

  @Override
  public boolean always(int step, int steps) {
    boolean outside = step < from * steps || step >= until * steps;
    return outside || step < warmup || step >= steps - tail;
  }
}
