package org.quantcache.kernels.prune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionBasis;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Guards;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerRule;

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
   * @param name in plans and traces: of the layer, or of the part of it that is left out alone
   * @param kept tensors of its history, from which it foretells what it adds when it is left out; 0 when it adds nothing
   * @param reach how far that history is followed
   */
  public Branch branch(
      String name, String kind, int layer, PrunePolicy policy, int kept, double reach) {
    return byName.computeIfAbsent(
        name,
        n -> new Branch(
            n, new LayerRule(kind, layer, policy, kept), reach, evidence(kind), mode, steps));
  }

  /** What the layers of a kind showed of each other. */
  public Evidence evidence(String kind) {
    return byKind.computeIfAbsent(kind, k -> new Evidence(!(mode instanceof DecisionMode.Replay)));
  }

  /** A layer that was asked for before. */
  public Branch existing(String kind, int layer) {
    String name = PruneOps.layerName(kind, layer);
    Branch branch = byName.get(name);
    if (branch == null) {
      throw new IllegalStateException("layer " + name + " was not reached before its probe");
    }
    return branch;
  }

  /** What they decided, by name. */
  public Map<String, List<LayerDecision>> decisions() {
    Map<String, List<LayerDecision>> out = new LinkedHashMap<>();
    byName.forEach((name, branch) -> out.put(name, branch.decisions()));
    return out;
  }

  /** What they and the guards of the same run decided, and what that rests on. */
  public DecisionTrace trace(Guards guards) {
    Map<String, List<Decision>> decided = guards.decisions();
    Map<String, LayerRule> rules = new LinkedHashMap<>();
    byName.forEach((name, branch) -> rules.put(name, branch.rule()));
    DecisionBasis basis = new DecisionBasis(DecisionBasis.Mode.of(mode), guards.basis(), rules);
    return new DecisionTrace(steps, decided, decisions(), Optional.of(basis));
  }
}
