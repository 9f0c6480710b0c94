package org.quantcache.ir.policy;

import java.util.Map;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/** When a guarded region is computed again; method section 1. */
public sealed interface GuardPolicy permits AccumulatePolicy, CodebookPolicy, PlanPolicy {
  /** Most steps of an interval, and most steps that are always computed. */
  long MOST_STEPS = 1000;

  /** Whether a step of a loop of {@code steps} is computed whatever was measured. */
  boolean always(int step, int steps);

  /** Whether what probes measure plays a part. */
  boolean measures();

  /**
   * Whether what the region reads is measured, in front of it and at every step; otherwise what it adds is, within it
   * and at computed steps.
   */
  default boolean measuresInput() {
    return false;
  }

  /** What decides once a divergence is known: by itself, or added to {@code sum}, which a computed step sets to 0. */
  default double accumulated(double sum, double divergence) {
    return divergence;
  }

  /** Steps until the next computation, from the step that was measured last, by what {@link #accumulated} gives. */
  long interval(double accumulated);

  /** How divergence is measured. */
  DivergenceMetric metric();

  /** The form that {@link #of} reads. */
  Attribute attribute();

  /** Reads a policy. @throws IllegalArgumentException when it is none */
  static GuardPolicy of(Attribute attribute) {
    Map<String, Function<Attributes, GuardPolicy>> kinds = Map.of(
        AccumulatePolicy.KIND, AccumulatePolicy::of,
        CodebookPolicy.KIND, CodebookPolicy::of,
        PlanPolicy.KIND, PlanPolicy::of);
    if (!(attribute instanceof Attribute.StructAttr group) || !kinds.containsKey(group.name())) {
      throw new IllegalArgumentException(
          "policy is #accumulate<...>, #codebook<...> or #plan<...>, found " + attribute.text());
    }
    return kinds.get(group.name()).apply(group.fields());
  }

  /** @throws IllegalArgumentException when {@code condition} does not hold */
  static void require(boolean condition, String rule, Object found) {
    if (!condition) {
      throw new IllegalArgumentException(rule + ", found " + found);
    }
  }

  /** @throws IllegalArgumentException when a number of steps is not in {@code least}..{@link #MOST_STEPS} */
  static void requireSteps(String what, long least, long found) {
    require(found >= least && found <= MOST_STEPS, what + " " + least + ".." + MOST_STEPS, found);
  }
}
