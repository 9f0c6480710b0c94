package org.quantcache.tools.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Moving the steps of a plan. */
class PlanSearchTest {
  private static final int STEPS = 30;

  /** Best where steps are at these places, worse with the distance. */
  private static double near(List<Integer> plan, int... places) {
    double quality = 40;
    for (int i = 0; i < places.length; i++) {
      quality -= Math.abs(plan.get(i + 1) - places[i]);
    }
    return quality;
  }

  @Test
  void findsTheBestPlacesOfStepsThatDoNotDisturbEachOther() {
    PlanSearch search = new PlanSearch(STEPS, plan -> near(plan, 9, 15, 27));
    assertThat(search.from(List.of(0, 1, 2, 3))).containsExactly(0, 9, 15, 27);
    assertThat(search.qualityOf(List.of(0, 9, 15, 27))).isEqualTo(40);
  }

  @Test
  void stepsStayInOrderAndWithinTheLoop() {
    Set<List<Integer>> seen = new HashSet<>();
    PlanSearch search = new PlanSearch(STEPS, plan -> {
      // No plan is tried twice.
      assertThat(seen.add(plan)).isTrue();
      assertThat(plan.get(0)).isZero();
      assertThat(plan).isSorted().doesNotHaveDuplicates();
      assertThat(plan.get(plan.size() - 1)).isLessThan(STEPS);
      return near(plan, 100, 100);
    });
    assertThat(search.from(List.of(0, 1, 2))).containsExactly(0, 28, 29);
  }

  @Test
  void aPlanThatCannotBeBetteredStays() {
    PlanSearch search = new PlanSearch(STEPS, plan -> near(plan, 5));
    assertThat(search.from(List.of(0, 5))).containsExactly(0, 5);
    // Gains within the noise do not count.
    PlanSearch flat = new PlanSearch(STEPS, plan -> near(plan, 9) / 1000);
    assertThat(flat.from(List.of(0, 5))).containsExactly(0, 5);
    assertThat(new PlanSearch(STEPS, plan -> 1).from(List.of(0))).containsExactly(0);
  }
}
