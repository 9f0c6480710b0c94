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

  /** The guard of this name, made when it is asked for first. */
  public Guard guard(String name, GuardPolicy policy, double reach) {
    return byName.computeIfAbsent(name, n -> new Guard(n, policy, reach, mode, steps));
  }

  /** A guard that was asked before. */
  public Guard existing(String name) {
    Guard guard = byName.get(name);
    if (guard == null) {
      throw new IllegalStateException("guard '" + name + "' was not reached before its probe");
    }
    return guard;
  }

  /** What they decided, by name. */
  public Map<String, List<Decision>> decisions() {
    Map<String, List<Decision>> out = new LinkedHashMap<>();
    byName.forEach((name, guard) -> out.put(name, guard.decisions()));
    return out;
  }
}
