package org.quantcache.kernels.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.DivergenceMetric.Gap;
import org.quantcache.ir.policy.DivergenceMetric.Motion;
import org.quantcache.ir.policy.DivergenceMetric.Norm;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.Levels;
import org.quantcache.ir.policy.PlanPolicy;

/** When a guard computes, and what it makes of what its probes saw. */
class GuardTest {
  private static final GuardPolicy POLICY = new CodebookPolicy(
      new Levels(List.of(0.1, 0.2), List.of(5L, 3L, 1L)),
      new AlwaysComputed(2, 2, 0, 1),
      DivergenceMetric.RELATIVE);

  private static final GuardPolicy ALWAYS = new CodebookPolicy(
      new Levels(List.of(9.0), List.of(1L, 1L)),
      new AlwaysComputed(1, 0, 0, 1),
      DivergenceMetric.RELATIVE);

  /** Row sums of a probe that saw a relative change against a magnitude of 10. */
  private static FloatBuffer change(double relative) {
    return FloatBuffer.wrap(new float[] {(float) (10 * relative), 10, 0, 0});
  }

  private static FloatBuffer nothingBefore() {
    return FloatBuffer.wrap(new float[4]);
  }

  /** Runs a guard whose probe sees {@code relative} at each computed step but the first. */
  private static DecisionTrace run(
      GuardPolicy policy, DecisionMode mode, int steps, IntToDoubleFunction relative) {
    Guards guards = new Guards(mode, steps);
    Guard guard = guards.guard("g", policy, 1);
    for (int step = 0; step < steps; step++) {
      if (guard.computes(step) && guard.measures()) {
        guard.measured(step == 0 ? nothingBefore() : change(relative.applyAsDouble(step)), 10);
      }
    }
    return new DecisionTrace(steps, guards.decisions(), Map.of());
  }

  private static List<Integer> computed(DecisionTrace trace) {
    return trace.guards().get("g").stream()
        .filter(Decision::computed)
        .map(Decision::step)
        .toList();
  }

  @Test
  void theCodebookTurnsDivergenceIntoIntervals() {
    // Step 1 is computed as warmup and sees 0.15 over one step: interval 3. Later changes are
    // spread over the gap.
    DecisionTrace trace = run(POLICY, DecisionMode.ADAPTIVE, 20, step -> step == 1 ? 0.15 : 0.24);
    // 0.24 / 3 = 0.08: interval 5; 0.24 / 5 = 0.048: interval 5; then the tail.
    assertThat(computed(trace)).containsExactly(0, 1, 4, 9, 14, 18, 19);
    List<Decision> decisions = trace.guards().get("g");
    assertThat(decisions).hasSize(20);
    assertThat(decisions.get(0).divergence()).isEmpty();
    assertThat(decisions.get(4).divergence().orElseThrow()).isCloseTo(0.08, within(1e-6));
    assertThat(decisions.get(5)).isEqualTo(Decision.unmeasured(5, false));
    assertThat(trace.computed("g")).isEqualTo(7);
  }

  @Test
  void aDivergenceOnABoundTakesTheLevelAbove() {
    assertThat(POLICY.interval(0.1)).isEqualTo(3);
    assertThat(POLICY.interval(Math.nextDown(0.1))).isEqualTo(5);
    assertThat(POLICY.interval(0.2)).isEqualTo(1);
    assertThat(POLICY.interval(Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(POLICY.interval(0)).isEqualTo(5);
  }

  @Test
  void shortLoopsAreAllWarmupAndTail() {
    for (int steps = 0; steps <= 4; steps++) {
      assertThat(computed(run(POLICY, DecisionMode.ADAPTIVE, steps, s -> 0))).hasSize(steps);
    }
  }

  @Test
  void alwaysComputesEveryStepAndStillMeasures() {
    DecisionTrace trace = run(POLICY, DecisionMode.ALWAYS, 6, step -> 0);
    assertThat(computed(trace)).hasSize(6);
    assertThat(trace.guards().get("g").get(3).divergence()).hasValue(0);
  }

  @Test
  void aReplayDoesWhatTheRunDidAndMeasuresNothing() {
    DecisionTrace first = run(POLICY, DecisionMode.ADAPTIVE, 20, step -> 0.3);
    List<Integer> asked = new ArrayList<>();
    DecisionTrace again = run(POLICY, DecisionMode.replay(first), 20, step -> {
      asked.add(step);
      return 9;
    });
    assertThat(computed(again)).isEqualTo(computed(first));
    assertThat(asked).isEmpty();
  }

  @Test
  void bitsFollowTheComputedStepBeforeAndAreReplayed() {
    BitsPolicy levels = new BitsPolicy(new Levels(List.of(0.1), List.of(4L, 8L)), 0, 0, 0);
    Guards guards = new Guards(DecisionMode.ADAPTIVE, 6);
    Guard guard = guards.guard("g", ALWAYS, 1);
    List<Integer> taken = new ArrayList<>();
    for (int step = 0; step < 6; step++) {
      assertThat(guard.computes(step)).isTrue();
      taken.add(guard.bits(levels));
      guard.measured(step == 0 ? nothingBefore() : change(step < 3 ? 0.05 : 0.5), 10);
    }
    assertThat(taken).containsExactly(8, 8, 4, 4, 8, 8);
    DecisionTrace trace = new DecisionTrace(6, guards.decisions(), Map.of());
    assertThat(trace.guards().get("g").stream().map(Decision::bits)).isEqualTo(taken);
    Guard replayed = new Guards(DecisionMode.replay(trace), 6).guard("g", ALWAYS, 1);
    for (int step = 0; step < 6; step++) {
      assertThat(replayed.computes(step)).isTrue();
      assertThat(replayed.bits(levels)).isEqualTo(taken.get(step));
    }
  }

  @Test
  void oneIntervalNeedsNoMeasurement() {
    GuardPolicy policy = new CodebookPolicy(
        new Levels(List.of(), List.of(4L)),
        new AlwaysComputed(1, 1, 0, 1),
        DivergenceMetric.RELATIVE);
    DecisionTrace trace = run(policy, DecisionMode.ADAPTIVE, 10, step -> {
      throw new AssertionError("nothing is measured");
    });
    assertThat(computed(trace)).containsExactly(0, 4, 8, 9);
  }

  @Test
  void outsideOfItsPartOfTheLoopEveryStepIsComputed() {
    GuardPolicy policy = new CodebookPolicy(
        new Levels(List.of(), List.of(4L)),
        new AlwaysComputed(1, 0, 0.3, 0.8),
        DivergenceMetric.RELATIVE);
    assertThat(computed(run(policy, DecisionMode.ADAPTIVE, 10, step -> 0)))
        .containsExactly(0, 1, 2, 6, 8, 9);
  }

  @Test
  void aPlanIsFollowedAndCarriedOverToOtherLengths() {
    GuardPolicy plan = new PlanPolicy(100, List.of(0L, 1L, 10L, 50L, 98L));
    assertThat(computed(run(plan, DecisionMode.ADAPTIVE, 100, step -> 0)))
        .containsExactly(0, 1, 10, 50, 98);
    assertThat(computed(run(plan, DecisionMode.ADAPTIVE, 30, step -> 0)))
        .containsExactly(0, 1, 3, 15, 29);
    assertThat(computed(run(plan, DecisionMode.ADAPTIVE, 4, step -> 0)))
        .containsExactly(0, 1, 2, 3);
    assertThat(computed(run(plan, DecisionMode.ADAPTIVE, 1000, step -> 0)))
        .containsExactly(0, 10, 100, 500, 980);
  }

  @Test
  void decisionsOfAnotherRunAreRefused() {
    DecisionTrace trace = run(POLICY, DecisionMode.ADAPTIVE, 20, step -> 0.3);
    refused(trace, "g", 19);
    refused(trace, "other", 20);
    refused(
        new DecisionTrace(1, Map.of("g", List.of(Decision.unmeasured(0, false))), Map.of()),
        "g",
        1);
  }

  private static void refused(DecisionTrace trace, String guard, int steps) {
    assertThatThrownBy(() -> new Guards(DecisionMode.replay(trace), steps).guard(guard, POLICY, 1))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("RT0110"));
  }

  @Test
  void severalProbesCountAsTheirMean() {
    Guards guards = new Guards(DecisionMode.ADAPTIVE, 9);
    Guard guard = guards.guard("g", POLICY, 1);
    for (int step = 0; step < 2; step++) {
      assertThat(guard.computes(step)).isTrue();
      guard.measured(step == 0 ? nothingBefore() : change(0.02), 10);
      guard.measured(step == 0 ? nothingBefore() : change(0.24), 10);
    }
    assertThat(guard.computes(2)).isFalse();
    assertThat(guards.decisions().get("g").get(1).divergence().orElseThrow())
        .isCloseTo(0.13, within(1e-6));
  }

  private static double divergence(DivergenceMetric metric, double... sums) {
    Change change = new Change(sums[0], sums[1], sums[2], sums[3], 20);
    return Divergence.of(metric, change, sums[4], (int) sums[5]).value();
  }

  @Test
  void theAbsoluteNormDividesByTheNumberOfElements() {
    DivergenceMetric metric = new DivergenceMetric(Norm.L1_ABS, Gap.ACTUAL, Motion.OFF, 1, 0);
    assertThat(divergence(metric, 4, 8, 0, 0, Double.NaN, 2)).isEqualTo(4.0 / 20 / 2);
  }

  @Test
  void motionScalesTheDivergence() {
    DivergenceMetric ratio = new DivergenceMetric(Norm.L1_REL, Gap.ACTUAL, Motion.RATIO, 0.5, 0);
    DivergenceMetric literal =
        new DivergenceMetric(Norm.L1_REL, Gap.ACTUAL, Motion.LITERAL, 0.5, 0);
    // g = 6 / 10, it was 0.4, two steps ago: drift 0.1.
    assertThat(divergence(ratio, 4, 8, 6, 10, 0.4, 2)).isCloseTo(0.25 * 1.4, within(1e-12));
    assertThat(divergence(literal, 4, 8, 6, 10, 0.4, 2)).isCloseTo(0.25 * 0.1, within(1e-12));
    // A single frame has no motion.
    assertThat(divergence(ratio, 4, 8, 0, 0, 0.4, 2)).isEqualTo(0.25);
    assertThat(divergence(literal, 4, 8, 0, 0, 0.4, 2)).isEqualTo(0.25);
  }

  @Test
  void whatQuantizationCausesIsTakenOutOfTheChange() {
    DivergenceMetric metric = new DivergenceMetric(Norm.L1_REL, Gap.ACTUAL, Motion.OFF, 1, 0.3);
    assertThat(divergence(metric, 4, 8, 0, 0, Double.NaN, 1)).isCloseTo(0.4, within(1e-12));
    assertThat(divergence(metric, 2, 8, 0, 0, Double.NaN, 1)).isZero();
    assertThat(Divergence.of(metric, new Change(2, 8, 0, 0, 20), 0, 1).noiseDominated())
        .isTrue();
    assertThat(Divergence.of(metric, new Change(4, 8, 0, 0, 20), 0, 1).noiseDominated())
        .isFalse();
  }
}
