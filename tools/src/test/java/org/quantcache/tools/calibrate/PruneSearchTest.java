package org.quantcache.tools.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.quantcache.tools.calibrate.PruneSearch.Visit;

/** Which visits of branches are left out. */
class PruneSearchTest {
  private static final int ANY = 9;

  private static final Visit A = new Visit("spatial.0.cross", 1, 1);
  private static final Visit B = new Visit("spatial.1.cross", 1, 1);
  private static final Visit C = new Visit("temporal.0.cross", 2, 1);
  private static final Visit WIDE = new Visit("temporal.0.feed-forward", 2, 4);
  private static final Visit AGAIN = new Visit("spatial.1.cross", 3, 1);
  private static final Map<Visit, Double> LOSS =
      Map.of(A, 3.0, B, 1.0, C, 2.0, WIDE, 3.5, AGAIN, 9.0);

  private static double quality(Set<Visit> pruned) {
    return 40 - pruned.stream().mapToDouble(LOSS::get).sum();
  }

  private static List<Visit> chosen(List<Visit> candidates, double work, int most) {
    return new PruneSearch(PruneSearchTest::quality)
        .choose(candidates, work, most)
        .pruned();
  }

  @Test
  void theCheapestOnesComeFirst() {
    PruneSearch.Result result =
        new PruneSearch(PruneSearchTest::quality).choose(List.of(A, B, C), 2, ANY);
    assertThat(result.pruned()).containsExactly(B, C);
    assertThat(result.qualityDb()).isEqualTo(37);
  }

  @Test
  void whatIsLostIsWeighedByWhatIsSaved() {
    assertThat(chosen(List.of(A, B, C, WIDE), 4, ANY)).containsExactly(WIDE);
    assertThat(chosen(List.of(A, B, C, WIDE), 4.5, ANY)).containsExactly(WIDE, B);
  }

  @Test
  void whatCostsMoreBesideOthersIsMeasuredAgain() {
    // C next to B costs 5 dB more, so A is better company.
    PruneSearch search =
        new PruneSearch(pruned -> quality(pruned) - (pruned.containsAll(Set.of(B, C)) ? 5 : 0));
    PruneSearch.Result result = search.choose(List.of(A, B, C, AGAIN), 2, ANY);
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
    assertThat(search.choose(List.of(A, B), 9, ANY).pruned()).containsExactly(B, A);
    assertThat(tried).contains(Set.of(), Set.of(A), Set.of(B), Set.of(A, B));
    assertThat(search.choose(List.of(), 3, ANY).pruned()).isEmpty();
  }

  @Test
  void branchesBeyondTheLimitStay() {
    // AGAIN is dear, but in the one branch that may be left out.
    assertThat(chosen(List.of(A, B, C, AGAIN), 2, 1)).containsExactly(B, AGAIN);
    assertThat(chosen(List.of(A, B, C), 3, 2)).containsExactly(B, A);
    // Of three branches that save enough together the two are kept that save most by themselves.
    Visit second = new Visit("temporal.0.cross", 3, 1);
    PruneSearch search = new PruneSearch(pruned -> 40
        - pruned.stream().mapToDouble(v -> v.equals(second) ? 2 : LOSS.get(v)).sum());
    assertThat(search.choose(List.of(A, B, C, second), 4, 1).pruned())
        .containsExactlyInAnyOrder(C, second);
  }
}
