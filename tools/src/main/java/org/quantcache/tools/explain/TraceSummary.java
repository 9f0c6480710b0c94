package org.quantcache.tools.explain;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.kernels.explain.Redecision;

/**
 * A run in a few numbers.
 *
 * @param steps length of the loop
 * @param guards what each guard did
 * @param layers what the layers of each kind did that may be left out
 * @param cliffs how near each threshold is to what was measured; empty where nothing decides by a threshold, or the trace
 *     does not say by which
 */
public record TraceSummary(
    int steps, List<GuardRow> guards, List<LayerRow> layers, List<Cliff> cliffs) {
  public TraceSummary {
    guards = ImmutableList.copyOf(guards);
    layers = ImmutableList.copyOf(layers);
    cliffs = ImmutableList.copyOf(cliffs);
  }

  /**
   * One guard.
   *
   * @param measured steps with a divergence
   * @param noiseDominated those of them at which a probe saw no more than quantization alone causes
   * @param notReached steps at which it was not asked
   */
  public record GuardRow(
      String name, int steps, int computed, int measured, int noiseDominated, int notReached) {
    /** Part of the steps at which the value was reused. */
    public double hitRate() {
      return steps == 0 ? 0 : (double) (steps - computed) / steps;
    }
  }

  /**
   * Layers of one kind.
   *
   * @param layers how many, or branches of them
   * @param reached how often all of them together were reached
   * @param pruned how often they were left out
   */
  public record LayerRow(String kind, int layers, int reached, int pruned) {}

  /** Of a trace; without cliffs when it does not say what its decisions rest on. */
  public static TraceSummary of(DecisionTrace trace) {
    List<GuardRow> guards = new ArrayList<>();
    trace.guards().forEach((name, decisions) -> guards.add(guard(trace, name, decisions)));
    Map<String, LayerRow> kinds = new LinkedHashMap<>();
    trace.layers().forEach((name, decisions) -> {
      LayerRow row = layer(name.substring(0, Math.max(0, name.indexOf('.'))), decisions);
      kinds.merge(row.kind(), row, TraceSummary::plus);
    });
    Optional<Redecision> again = trace.basis().map(basis -> Redecision.of(trace));
    return new TraceSummary(
        trace.steps(),
        guards,
        List.copyOf(kinds.values()),
        again.map(made -> Cliffs.of(trace, made)).orElse(List.of()));
  }

  private static GuardRow guard(DecisionTrace trace, String name, List<Decision> decisions) {
    return new GuardRow(
        name,
        trace.steps(),
        (int) trace.computed(name),
        (int) decisions.stream().filter(d -> d.divergence().isPresent()).count(),
        (int) decisions.stream().filter(Decision::noiseDominated).count(),
        trace.basis().map(b -> b.guards().get(name).notReached().size()).orElse(0));
  }

  private static LayerRow layer(String kind, List<LayerDecision> decisions) {
    return new LayerRow(
        kind,
        1,
        (int) decisions.stream().filter(d -> d.outcome() != Outcome.NOT_REACHED).count(),
        (int) decisions.stream().filter(LayerDecision::pruned).count());
  }

  private static LayerRow plus(LayerRow a, LayerRow b) {
    return new LayerRow(
        a.kind(), a.layers() + b.layers(), a.reached() + b.reached(), a.pruned() + b.pruned());
  }
}
