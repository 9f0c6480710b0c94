package org.quantcache.kernels.explain;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.kernels.cache.Change;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionBasis;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Guard;
import org.quantcache.kernels.cache.GuardBasis;
import org.quantcache.kernels.cache.Guards;
import org.quantcache.kernels.cache.LayerDecision;

/**
 * Decides a run again from the numbers of its trace alone: guards are told what their probes saw, layers know S and V of
 * the trace. The rules are those that a run decides by.
 */
public final class Redecision {
  private final DecisionTrace trace;
  private final DecisionBasis basis;
  private final Map<String, List<GuardStep>> guards = new LinkedHashMap<>();
  private final Map<String, List<Decision>> decisions = new LinkedHashMap<>();
  private final Map<String, List<LayerStep>> layers;

  private Redecision(DecisionTrace trace, DecisionBasis basis) {
    this.trace = trace;
    this.basis = basis;
    basis.guards().forEach(this::decide);
    this.layers = new LayerReplay(trace, basis).steps();
  }

  /** Decides again. @throws IllegalArgumentException when the trace does not say what its decisions rest on */
  public static Redecision of(DecisionTrace trace) {
    return new Redecision(
        trace,
        trace.basis().orElseThrow(() -> new IllegalArgumentException("the trace has no basis")));
  }

  /** What guards decide, by name and step. */
  public Map<String, List<GuardStep>> guards() {
    return guards;
  }

  /** What layers do, by name and step. */
  public Map<String, List<LayerStep>> layers() {
    return layers;
  }

  /** The decisions as a trace: equal to the one that they were made from, unless one of both is wrong. */
  public DecisionTrace trace() {
    Map<String, List<LayerDecision>> out = new LinkedHashMap<>();
    layers.forEach((name, steps) -> {
      List<LayerDecision> known = trace.layers().get(name);
      out.put(
          name,
          steps.stream()
              .map(s -> new LayerDecision(
                  s.step(),
                  s.outcome(),
                  known.get(s.step()).similarity(),
                  known.get(s.step()).variation()))
              .toList());
    });
    return new DecisionTrace(trace.steps(), decisions, out, Optional.of(basis));
  }

  private void decide(String name, GuardBasis rule) {
    Guards made = new Guards(mode(), trace.steps());
    Guard guard = made.guard(name, rule.policy(), rule.reach());
    List<GuardStep> steps = new ArrayList<>();
    for (int step = 0; step < trace.steps(); step++) {
      if (rule.notReached().contains(step)) {
        steps.add(new GuardStep(step, false, Optional.empty(), List.of()));
      } else {
        steps.add(ask(guard, rule, step));
      }
    }
    guards.put(name, ImmutableList.copyOf(steps));
    decisions.put(name, made.decisions().get(name));
  }

  /** A step in the order in which a run asks and tells a guard. */
  private GuardStep ask(Guard guard, GuardBasis rule, int step) {
    List<Change> seen = guard.measures() ? rule.probes().getOrDefault(step, List.of()) : List.of();
    boolean before = rule.policy().measuresInput();
    if (before) {
      seen.forEach(guard::measured);
    }
    boolean computed = guard.computes(step);
    GuardStep out = new GuardStep(
        step,
        computed,
        Optional.of(guard.inputs()),
        guard.inputs().divergence().isPresent() ? guard.latest() : List.of());
    if (computed) {
      rule.bits().ifPresent(guard::bits);
    }
    if (!before) {
      seen.forEach(guard::measured);
    }
    return out;
  }

  private DecisionMode mode() {
    return switch (basis.mode()) {
      case ADAPTIVE -> DecisionMode.ADAPTIVE;
      case ALWAYS -> DecisionMode.ALWAYS;
      case REPLAY -> DecisionMode.replay(trace);
    };
  }
}
