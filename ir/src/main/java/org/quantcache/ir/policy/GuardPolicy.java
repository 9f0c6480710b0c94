package org.quantcache.ir.policy;

import java.util.Map;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/** When a guarded region is computed again; method section 1. */
public sealed interface GuardPolicy permits CodebookPolicy, PlanPolicy {
  /** Most steps of an interval, and most steps that are always computed. */
  long MOST_STEPS = 1000;

  /** Whether a step of a loop of {@code steps} is computed whatever was measured. */
  boolean always(int step, int steps);

  /** Whether what probes measure plays a part. */
  boolean measures();

  /** Steps until the next computation after a computed step of this divergence. */
  long interval(double divergence);

  /** How divergence is measured. */
  DivergenceMetric metric();

  /** The form that {@link #of} reads. */
  Attribute attribute();

  /** Reads a policy. @throws IllegalArgumentException when it is none */
  static GuardPolicy of(Attribute attribute) {
    Map<String, Function<Attributes, GuardPolicy>> kinds =
        Map.of(CodebookPolicy.KIND, CodebookPolicy::of, PlanPolicy.KIND, PlanPolicy::of);
    if (!(attribute instanceof Attribute.StructAttr group) || !kinds.containsKey(group.name())) {
      throw new IllegalArgumentException("policy is #" + CodebookPolicy.KIND + "<...> or #"
          + PlanPolicy.KIND + "<...>, found " + attribute.text());
    }
    return kinds.get(group.name()).apply(group.fields());
  }

  /** @throws IllegalArgumentException when {@code condition} does not hold */
  static void require(boolean condition, String rule, Object found) {
    if (!condition) {
      throw new IllegalArgumentException(rule + ", found " + found);
    }
  }
}
