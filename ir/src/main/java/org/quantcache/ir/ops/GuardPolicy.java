package org.quantcache.ir.ops;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * When a guarded region is computed again: a codebook from divergence to interval (paper eq. 6, with any number of
 * levels), and steps that are always computed.
 *
 * @param bounds upper bounds of divergence, ascending; a divergence below bound i gives interval i
 * @param intervals steps until the next computation, one more than bounds; the last one is for any larger divergence
 * @param warmup first steps of a loop that are always computed
 * @param tail last steps of a loop that are always computed
 * @param reach how far a guard with more than one tensor of history foretells, in gaps between its last two computed
 *     steps; beyond that it holds what it foretold there
 * @param metric how divergence is measured
 */
public record GuardPolicy(
    List<Double> bounds,
    List<Long> intervals,
    long warmup,
    long tail,
    double reach,
    DivergenceMetric metric) {
  private static final String KIND = "codebook";
  private static final String METRIC = "metric";
  private static final long MOST_STEPS = 1000;

  /** @throws IllegalArgumentException when the codebook is out of order or a number has no meaning */
  public GuardPolicy {
    bounds = ImmutableList.copyOf(bounds);
    intervals = ImmutableList.copyOf(intervals);
    double last = 0;
    for (double bound : bounds) {
      require(bound > last && Double.isFinite(bound), "bounds are positive and ascend", bounds);
      last = bound;
    }
    require(
        intervals.size() == bounds.size() + 1,
        "there is one interval more than bounds, which are " + bounds,
        intervals);
    for (long interval : intervals) {
      require(interval >= 1 && interval <= MOST_STEPS, "intervals are 1.." + MOST_STEPS, intervals);
    }
    require(warmup >= 1 && warmup <= MOST_STEPS, "warmup is 1.." + MOST_STEPS, warmup);
    require(reach >= 0 && reach <= MOST_STEPS, "reach is 0.." + MOST_STEPS, reach);
    require(tail >= 0 && tail <= MOST_STEPS, "tail is 0.." + MOST_STEPS, tail);
  }

  private static void require(boolean condition, String rule, Object found) {
    if (!condition) {
      throw new IllegalArgumentException(rule + ", found " + found);
    }
  }

  /** Reads {@code #codebook<bounds = [...], intervals = [...], metric = #metric<...>, reach = 1.0, tail = 2,
   * warmup = 2>}. */
  public static GuardPolicy of(Attribute attribute) {
    if (!(attribute instanceof Attribute.StructAttr group) || !group.name().equals(KIND)) {
      throw new IllegalArgumentException("policy is #" + KIND + "<...>, found " + attribute.text());
    }
    Attributes fields = group.fields();
    for (String name : List.of("bounds", "intervals", "warmup", "tail", "reach", METRIC)) {
      require(fields.has(name), "a codebook has the field '" + name + "'", attribute.text());
    }
    if (!(fields.get(METRIC) instanceof Attribute.StructAttr metric)
        || !metric.name().equals(METRIC)) {
      throw new IllegalArgumentException("metric is #metric<...>, found " + attribute.text());
    }
    return new GuardPolicy(
        fields.reals("bounds"),
        fields.longs("intervals"),
        fields.integer("warmup"),
        fields.integer("tail"),
        fields.real("reach"),
        DivergenceMetric.of(metric.fields()));
  }

  /** The form that {@link #of} reads. */
  public Attribute attribute() {
    List<Attribute> limits = new ArrayList<>();
    bounds.forEach(b -> limits.add(Attribute.of(b.doubleValue())));
    return new Attribute.StructAttr(
        KIND,
        Attributes.of("bounds", new Attribute.ListAttr(limits))
            .with("intervals", Attribute.longs(intervals))
            .with("warmup", Attribute.of(warmup))
            .with("tail", Attribute.of(tail))
            .with("reach", Attribute.of(reach))
            .with(METRIC, new Attribute.StructAttr(METRIC, metric.fields())));
  }

  /** Steps until the next computation after a computed step of divergence {@code divergence}. */
  public long interval(double divergence) {
    for (int i = 0; i < bounds.size(); i++) {
      if (divergence < bounds.get(i)) {
        return intervals.get(i);
      }
    }
    return intervals.get(bounds.size());
  }

  /** Whether a step is computed whatever the divergence says. */
  public boolean always(int step, int steps) {
    return step < warmup || step >= steps - tail;
  }
}
