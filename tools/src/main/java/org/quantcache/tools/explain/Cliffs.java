package org.quantcache.tools.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.kernels.cache.DecisionBasis;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.GuardInputs;
import org.quantcache.kernels.cache.LayerRule;
import org.quantcache.kernels.explain.GuardStep;
import org.quantcache.kernels.explain.LayerStep;
import org.quantcache.kernels.explain.Redecision;
import org.quantcache.kernels.prune.LayerInputs;
import org.quantcache.kernels.prune.LayerReason;

/** How near the thresholds of a run are to what it measured. */
final class Cliffs {
  private final DecisionBasis basis;
  private final Redecision made;
  private final List<Cliff> out = new ArrayList<>();

  private Cliffs(DecisionBasis basis, Redecision made) {
    this.basis = basis;
    this.made = made;
  }

  /** Of a run that decided by what it measured; a replayed one has none. */
  static List<Cliff> of(DecisionTrace trace, Redecision made) {
    DecisionBasis basis = trace.basis().orElseThrow();
    if (basis.mode() != DecisionBasis.Mode.ADAPTIVE) {
      return List.of();
    }
    Cliffs cliffs = new Cliffs(basis, made);
    made.guards().forEach(cliffs::guard);
    cliffs.byPolicy().forEach(cliffs::layers);
    return cliffs.out;
  }

  private void guard(String name, List<GuardStep> steps) {
    GuardPolicy policy = basis.guards().get(name).policy();
    List<GuardInputs> asked = steps.stream().flatMap(s -> s.inputs().stream()).toList();
    List<Double> measured = asked.stream()
        .filter(in -> in.divergence().isPresent())
        .map(in -> in.sum(policy))
        .toList();
    for (Thresholds.Threshold<GuardPolicy> threshold : Thresholds.of(policy)) {
      out.add(Cliff.of("guard '" + name + "'", threshold.name(), threshold.value(), measured, v -> {
        GuardPolicy moved = threshold.moved().apply(v);
        return asked.stream()
            .filter(in -> in.computes(policy) != in.computes(moved))
            .count();
      }));
    }
  }

  /** Layers that share kind and policy. */
  private record Group(String kind, SimilarityPolicy policy) {}

  private Map<Group, List<String>> byPolicy() {
    Map<Group, List<String>> groups = new LinkedHashMap<>();
    basis.layers().forEach((name, rule) -> {
      if (rule.policy() instanceof SimilarityPolicy policy) {
        groups
            .computeIfAbsent(new Group(rule.kind(), policy), g -> new ArrayList<>())
            .add(name);
      }
    });
    return groups;
  }

  private void layers(Group group, List<String> names) {
    List<Asked> asked = new ArrayList<>();
    for (String name : names) {
      for (LayerStep step : made.layers().get(name)) {
        step.inputs().ifPresent(in -> asked.add(new Asked(basis.layers().get(name), in)));
      }
    }
    Thresholds.ofSimilarity(group.policy())
        .forEach(threshold -> layer(group, threshold, asked, LayerInputs::similarity));
    Thresholds.ofVariation(group.policy())
        .forEach(threshold -> layer(group, threshold, asked, LayerInputs::variation));
  }

  private void layer(
      Group group,
      Thresholds.Threshold<SimilarityPolicy> threshold,
      List<Asked> asked,
      Function<LayerInputs, OptionalDouble> measure) {
    List<Double> measured = asked.stream()
        .map(one -> measure.apply(one.inputs()))
        .filter(OptionalDouble::isPresent)
        .map(OptionalDouble::getAsDouble)
        .toList();
    out.add(Cliff.of("layers " + group.kind(), threshold.name(), threshold.value(), measured, v -> {
      SimilarityPolicy moved = threshold.moved().apply(v);
      return asked.stream()
          .filter(one -> one.prunes(group.policy()) != one.prunes(moved))
          .count();
    }));
  }

  /** One layer at one step. */
  private record Asked(LayerRule rule, LayerInputs inputs) {
    boolean prunes(SimilarityPolicy policy) {
      LayerRule other = new LayerRule(rule.kind(), rule.layer(), policy, rule.kept());
      return LayerReason.of(other, inputs).prunes();
    }
  }
}
