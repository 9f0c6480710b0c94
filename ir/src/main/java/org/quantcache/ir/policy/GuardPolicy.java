package org.quantcache.ir.policy;

import java.util.Map;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/** When a guarded region is computed again; method section 1. */
public sealed interface GuardPolicy permits CodebookPolicy, PlanPolicy, AccumulatePolicy {
  /** Most steps of an interval, and most steps that are always computed. */
  long MOST_STEPS = 1000;

  /** An interval that no loop reaches the end of. */
  long NEVER = Integer.MAX_VALUE;

  /** Whether a step of a loop of {@code steps} is computed whatever was measured. */
  boolean always(int step, int steps);

  /** Whether what probes measure plays a part. */
  boolean measures();

  /** Whether probes stand in front of the region and measure at every step, not in it at computed steps. */
  default boolean everyStep() {
    return false;
  }

  /** Steps until the next computation after a computed step of this divergence, at most. */
  long interval(double divergence);

  /** How divergence is measured. */
  DivergenceMetric metric();

  /** The form that {@link #of} reads. */
  Attribute attribute();

  /** Reads a policy. @throws IllegalArgumentException when it is none */
  static GuardPolicy of(Attribute attribute) {
    Map<String, Function<Attributes, GuardPolicy>> kinds = Map.of(
        CodebookPolicy.KIND, CodebookPolicy::of,
        PlanPolicy.KIND, PlanPolicy::of,
        AccumulatePolicy.KIND, AccumulatePolicy::of);
    if (!(attribute instanceof Attribute.StructAttr group) || !kinds.containsKey(group.name())) {
      throw new IllegalArgumentException("policy is #%s<...>, #%s<...> or #%s<...>, found %s"
          .formatted(
              CodebookPolicy.KIND, PlanPolicy.KIND, AccumulatePolicy.KIND, attribute.text()));
    }
    return kinds.get(group.name()).apply(group.fields());
  }

  /** @throws IllegalArgumentException when {@code condition} does not hold */
  static void require(boolean condition, String rule, Object found) {
    if (!condition) {
      throw new IllegalArgumentException(rule + ", found " + found);
    }
  }

  /** @throws IllegalArgumentException when {@code found} is no number of steps in {@code least..MOST_STEPS} */
  static void requireSteps(String what, long least, long found) {
    require(found >= least && found <= MOST_STEPS, what + " " + least + ".." + MOST_STEPS, found);
  }
}
