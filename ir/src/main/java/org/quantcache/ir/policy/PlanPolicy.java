package org.quantcache.ir.policy;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * Computed steps that were chosen beforehand. A loop of another length computes the same number of steps at the same
 * parts of its way.
 *
 * @param steps length of the loop that the plan was made for
 * @param computed steps that are computed, ascending, the first one 0
 */
public record PlanPolicy(long steps, List<Long> computed) implements GuardPolicy {
  static final String KIND = "plan";

  private static final long MOST_PLANNED = 100_000;

  /** @throws IllegalArgumentException when steps are out of order or out of range */
  public PlanPolicy {
    computed = ImmutableList.copyOf(computed);
    GuardPolicy.require(steps >= 1 && steps <= MOST_PLANNED, "steps are 1.." + MOST_PLANNED, steps);
    GuardPolicy.require(
        !computed.isEmpty() && computed.get(0) == 0, "the first computed step is 0", computed);
    for (int i = 1; i < computed.size(); i++) {
      GuardPolicy.require(computed.get(i) > computed.get(i - 1), "computed steps ascend", computed);
    }
    GuardPolicy.require(
        computed.get(computed.size() - 1) < steps, "computed steps are below " + steps, computed);
  }

  static PlanPolicy of(Attributes fields) {
    return new PlanPolicy(fields.integer("steps"), fields.longs("computed"));
  }

  @Override
  public Attribute attribute() {
    return new Attribute.StructAttr(
        KIND,
        Attributes.of("steps", Attribute.of(steps)).with("computed", Attribute.longs(computed)));
  }

  @Override
  public boolean always(int step, int total) {
    long last = -1;
    for (long planned : computed) {
      last = Math.max(last + 1, Math.round((double) planned * total / steps));
      if (last >= step) {
        return last == step;
      }
    }
    return false;
  }

  @Override
  public boolean measures() {
    return false;
  }

  @Override
  public long interval(double divergence) {
    return MOST_PLANNED;
  }

  @Override
  public DivergenceMetric metric() {
    return DivergenceMetric.RELATIVE;
  }
}
