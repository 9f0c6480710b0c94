package org.quantcache.kernels.cache;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What all guards and all layers that may be left out did in one run.
 *
 * @param steps length of the loop
 * @param guards decisions of each guard by step, guards in program order
 * @param layers decisions of each layer by step, layers in program order
 * @param basis what they rest on; empty for decisions that no run has made, such as a plan
 */
public record DecisionTrace(
    int steps,
    Map<String, List<Decision>> guards,
    Map<String, List<LayerDecision>> layers,
    Optional<DecisionBasis> basis) {
  public DecisionTrace {
    guards = copy(guards);
    layers = copy(layers);
  }

  /** Decisions that rest on nothing that is known. */
  public DecisionTrace(
      int steps, Map<String, List<Decision>> guards, Map<String, List<LayerDecision>> layers) {
    this(steps, guards, layers, Optional.empty());
  }

  private static <T> Map<String, List<T>> copy(Map<String, List<T>> all) {
    ImmutableMap.Builder<String, List<T>> copy = ImmutableMap.builder();
    all.forEach((name, decisions) -> copy.put(name, ImmutableList.copyOf(decisions)));
    return copy.buildOrThrow();
  }

  /** Whether nothing was decided: the program has neither guards nor layers that may be left out. */
  public boolean isEmpty() {
    return guards.isEmpty() && layers.isEmpty();
  }

  /** Steps at which a guard computed its region. */
  public long computed(String guard) {
    return guards.get(guard).stream().filter(Decision::computed).count();
  }

  /** How often a layer was left out, all layers and steps together. */
  public long pruned() {
    return layers.values().stream()
        .flatMap(List::stream)
        .filter(LayerDecision::pruned)
        .count();
  }
}
