package org.quantcache.kernels.cache;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.policy.GuardPolicy;

/** The guards of one program during one run. */
public final class Guards {
  private final DecisionMode mode;
  private final int steps;
  private final Map<String, Guard> byName = new LinkedHashMap<>();

  /** Guards of a loop of {@code steps} steps. */
  public Guards(DecisionMode mode, int steps) {
    this.mode = mode;
    this.steps = steps;
  }

  /** Makes a guard, before the loop asks it anything. */
  public Guard guard(String name, GuardPolicy policy, double reach) {
    Guard guard = new Guard(name, policy, reach, mode, steps);
    byName.put(name, guard);
    return guard;
  }

  /** The guard of this name. */
  public Guard existing(String name) {
    Guard guard = byName.get(name);
    if (guard == null) {
      throw new IllegalStateException("the loop has no guard '" + name + "'");
    }
    return guard;
  }

  /** What they decided, by name. */
  public Map<String, List<Decision>> decisions() {
    Map<String, List<Decision>> out = new LinkedHashMap<>();
    byName.forEach((name, guard) -> out.put(name, guard.decisions()));
    return out;
  }

  /** What that rests on, by name; after {@link #decisions}. */
  public Map<String, GuardBasis> basis() {
    Map<String, GuardBasis> out = new LinkedHashMap<>();
    byName.forEach((name, guard) -> out.put(name, guard.basis()));
    return out;
  }
}
