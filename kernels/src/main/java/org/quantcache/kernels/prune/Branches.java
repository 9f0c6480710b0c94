package org.quantcache.kernels.prune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.LayerDecision;

/** The layers of one program that may be left out, during one run. */
public final class Branches {
  private final DecisionMode mode;
  private final int steps;
  private final Map<String, Branch> byName = new LinkedHashMap<>();
  private final Map<String, Evidence> byKind = new LinkedHashMap<>();

  /** Layers of a loop of {@code steps} steps. */
  public Branches(DecisionMode mode, int steps) {
    this.mode = mode;
    this.steps = steps;
  }

  /**
   * A layer, made when it is asked for first.
   *
   * @param reuses whether it adds what its history foretells when it is left out
   * @param reach how far that history is followed
   */
  public Branch branch(String kind, int layer, PrunePolicy policy, boolean reuses, double reach) {
    return byName.computeIfAbsent(
        Branch.name(kind, layer),
        name -> new Branch(kind, layer, policy, reuses, reach, evidence(kind), mode, steps));
  }

  /** What the layers of a kind showed of each other. */
  public Evidence evidence(String kind) {
    return byKind.computeIfAbsent(kind, k -> new Evidence(!(mode instanceof DecisionMode.Replay)));
  }

  /** A layer that was asked for before. */
  public Branch existing(String kind, int layer) {
    Branch branch = byName.get(Branch.name(kind, layer));
    if (branch == null) {
      throw new IllegalStateException(
          "layer " + Branch.name(kind, layer) + " was not reached before its probe");
    }
    return branch;
  }

  /** What they decided, by name. */
  public Map<String, List<LayerDecision>> decisions() {
    Map<String, List<LayerDecision>> out = new LinkedHashMap<>();
    byName.forEach((name, branch) -> out.put(name, branch.decisions()));
    return out;
  }
}
