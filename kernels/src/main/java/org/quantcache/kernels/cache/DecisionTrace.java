package org.quantcache.kernels.cache;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;

/**
 * What all guards of one run did.
 *
 * @param steps length of the loop
 * @param guards decisions of each guard by step, guards in the order in which they ran first
 */
public record DecisionTrace(int steps, Map<String, List<Decision>> guards) {
  public DecisionTrace {
    ImmutableMap.Builder<String, List<Decision>> copy = ImmutableMap.builder();
    guards.forEach((name, decisions) -> copy.put(name, ImmutableList.copyOf(decisions)));
    guards = copy.buildOrThrow();
  }

  /** Steps at which a guard computed its region. */
  public long computed(String guard) {
    return guards.get(guard).stream().filter(Decision::computed).count();
  }
}
