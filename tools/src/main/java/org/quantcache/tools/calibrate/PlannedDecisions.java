package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerDecision.Outcome;

/** Plans as decisions to replay. */
public final class PlannedDecisions {
  private static final String GUARD = "stack";

  private PlannedDecisions() {}

  /** A loop of {@code steps} steps whose block stack is computed at some of them. */
  public static DecisionTrace of(int steps, List<Integer> computed) {
    return of(steps, computed, Map.of());
  }

  /**
   * The same with layers that are left out.
   *
   * @param pruned by layer, those visits at which it is left out, counted from 0 among the computed steps
   */
  static DecisionTrace of(int steps, List<Integer> computed, Map<String, Set<Integer>> pruned) {
    Set<Integer> planned = new HashSet<>(computed);
    List<Decision> guard = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      guard.add(Decision.unmeasured(step, planned.contains(step)));
    }
    Map<String, List<LayerDecision>> layers = new LinkedHashMap<>();
    pruned.forEach((layer, visits) -> {
      List<LayerDecision> decisions = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        int visit = computed.indexOf(step);
        Outcome outcome = visit < 0
            ? Outcome.NOT_REACHED
            : visits.contains(visit) ? Outcome.PRUNED : Outcome.COMPUTED;
        decisions.add(LayerDecision.unmeasured(step, outcome));
      }
      layers.put(layer, decisions);
    });
    return new DecisionTrace(steps, Map.of(GUARD, guard), layers);
  }
}
