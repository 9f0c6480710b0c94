package org.quantcache.tools.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;

/** The search for the layers that need more bits. */
class PrecisionSearchTest {
  /** Errors that add up over the layers that stay as they are. */
  private static double sum(Map<String, Double> errors, Set<String> widened) {
    return errors.entrySet().stream()
        .filter(e -> !widened.contains(e.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  @Test
  void findsTheOneLayerThatMatters() {
    Map<String, Double> errors = new TreeMap<>(Map.of("a", 1e-4, "b", 1e-4, "c", 0.5, "d", 1e-4));
    List<PrecisionSearch.Trial> told = new ArrayList<>();
    PrecisionSearch.Result found = PrecisionSearch.search(
        List.of("a", "b", "c", "d"), 0.01, widened -> sum(errors, widened), told::add);
    assertThat(found.found().widened()).containsExactly("c");
    assertThat(found.trials()).isEqualTo(told).doesNotHaveDuplicates();
    assertThat(found.found().reaches()).isTrue();
  }

  @Test
  void whatIsFoundReachesTheTargetAndNothingOfItCanGo() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Map<String, Double> errors = new TreeMap<>();
      List<String> ranked = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(20); i++) {
        errors.put("l" + i, Math.pow(10, -3 * random.nextDouble()));
        ranked.add("l" + i);
      }
      double bound = sum(errors, Set.of()) * random.nextDouble() + 1e-12;
      Set<String> found = PrecisionSearch.search(
              ranked, bound, widened -> sum(errors, widened), trial -> {})
          .found()
          .widened();
      assertThat(sum(errors, found)).as("seed %d", seed).isLessThanOrEqualTo(bound);
      for (String one : found) {
        Set<String> fewer = new HashSet<>(found);
        fewer.remove(one);
        assertThat(sum(errors, fewer)).as("seed %d without %s", seed, one).isGreaterThan(bound);
      }
    }
  }

  @Test
  void nothingIsWidenedWhereTheTargetIsReachedAnyway() {
    PrecisionSearch.Result found =
        PrecisionSearch.search(List.of("a", "b"), 1, widened -> 0.5, trial -> {});
    assertThat(found.found().widened()).isEmpty();
    assertThat(found.trials()).hasSize(1);
  }

  @Test
  void aTargetThatIsOutOfReachIsRefused() {
    assertThatThrownBy(
            () -> PrecisionSearch.search(List.of("a", "b"), 0.1, widened -> 0.5, trial -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CL0745"));
  }

  @Test
  void aPipelineNamesTheWidenedLayers() {
    assertThat(new WidenedPasses("fold,aigq,lower", "8").with(List.of("a.b", "c")))
        .isEqualTo("fold,aigq{layers=a.b:8/c:8},lower");
    assertThat(new WidenedPasses("aigq{weights=4},fold", "float").with(List.of("a")))
        .isEqualTo("aigq{weights=4,layers=a:float},fold");
    assertThat(new WidenedPasses("aigq{layers=z:8,weights=4}", "float").with(List.of("a")))
        .isEqualTo("aigq{layers=z:8/a:float,weights=4}");
    assertThat(new WidenedPasses("@quarot", "8").with(List.of("a"))).endsWith("aigq{layers=a:8}");
    for (String none : List.of("fold", "aigq,aigq", "@none")) {
      assertThatThrownBy(() -> new WidenedPasses(none, "8"))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CL0744"));
    }
  }
}
