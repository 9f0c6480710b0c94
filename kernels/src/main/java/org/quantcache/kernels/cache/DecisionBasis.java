package org.quantcache.kernels.cache;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * What the decisions of a run rest on. With the decisions themselves, which hold S and V of layers, it is all that is
 * needed to decide again.
 *
 * @param mode of the run
 * @param guards by name, in program order
 * @param layers by name, in program order
 */
public record DecisionBasis(
    Mode mode, Map<String, GuardBasis> guards, Map<String, LayerRule> layers) {
  /** How the run decided; see {@link DecisionMode}. */
  public enum Mode {
    ADAPTIVE,
    ALWAYS,
    REPLAY;

    /** The name of a mode. */
    public static Mode of(DecisionMode mode) {
      if (mode instanceof DecisionMode.Always) {
        return ALWAYS;
      }
      return mode instanceof DecisionMode.Replay ? REPLAY : ADAPTIVE;
    }
  }

  public DecisionBasis {
    guards = ImmutableMap.copyOf(guards);
    layers = ImmutableMap.copyOf(layers);
  }
}
