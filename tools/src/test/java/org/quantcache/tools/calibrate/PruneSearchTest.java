package org.quantcache.tools.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.quantcache.tools.calibrate.PruneSearch.Visit;

/** Which visits of layers are left out. */
class PruneSearchTest {
  private static final Visit A = new Visit("spatial.0", 1);
  private static final Visit B = new Visit("spatial.1", 1);
  private static final Visit C = new Visit("temporal.0", 2);
  private static final Map<Visit, Double> LOSS = Map.of(A, 3.0, B, 1.0, C, 2.0);

  private static double quality(Set<Visit> pruned) {
    return 40 - pruned.stream().mapToDouble(LOSS::get).sum();
  }

  @Test
  void theCheapestOnesComeFirst() {
    PruneSearch.Result result =
        new PruneSearch(PruneSearchTest::quality).choose(List.of(A, B, C), 2, 9);
    assertThat(result.pruned()).containsExactly(B, C);
    assertThat(result.qualityDb()).isEqualTo(37);
  }

  @Test
  void whatCostsMoreBesideOthersIsMeasuredAgain() {
    // C next to B costs 5 dB more, so A is better company.
    PruneSearch search =
        new PruneSearch(pruned -> quality(pruned) - (pruned.containsAll(Set.of(B, C)) ? 5 : 0));
    PruneSearch.Result result = search.choose(List.of(A, B, C), 2, 9);
    assertThat(result.pruned()).containsExactly(B, A);
    assertThat(result.qualityDb()).isEqualTo(36);
  }

  @Test
  void thereMayBeFewerCandidatesThanAskedFor() {
    List<Set<Visit>> tried = new ArrayList<>();
    PruneSearch search = new PruneSearch(pruned -> {
      tried.add(Set.copyOf(pruned));
      return quality(pruned);
    });
    assertThat(search.choose(List.of(A, B), 9, 9).pruned()).containsExactly(B, A);
    assertThat(tried).contains(Set.of(), Set.of(A), Set.of(B), Set.of(A, B));
    assertThat(search.choose(List.of(), 3, 9).pruned()).isEmpty();
  }

  @Test
  void layersBeyondTheLimitStay() {
    Visit again = new Visit("spatial.1", 3);
    PruneSearch search = new PruneSearch(
        pruned -> quality(pruned.stream().filter(LOSS::containsKey).collect(Collectors.toSet()))
            - (pruned.contains(again) ? 9 : 0));
    PruneSearch.Result result = search.choose(List.of(A, B, C, again), 2, 1);
    assertThat(result.pruned()).containsExactly(B, again);
    assertThat(search.choose(List.of(A, B, C), 3, 1).pruned()).containsExactly(B);
  }
}
