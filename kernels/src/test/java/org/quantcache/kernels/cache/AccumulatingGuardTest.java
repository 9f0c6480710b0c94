package org.quantcache.kernels.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.DivergenceMetric;

/** A guard that is measured in front of every step and computes when the changes add up. */
class AccumulatingGuardTest {
  private static final List<Double> IDENTITY = List.of(1.0, 0.0);
  private static final List<Double> OPEN_SORA =
      List.of(2.17546007e+02, -1.18329252e+02, 2.68662585e+01, -4.59364272e-02, 4.84426240e-02);

  private static AccumulatePolicy policy(double threshold, List<Double> rescale) {
    return new AccumulatePolicy(
        threshold, rescale, new AlwaysComputed(1, 1, 0, 1), DivergenceMetric.RELATIVE);
  }

  /** Runs a guard whose probe sees these changes; the one of step 0 has nothing to compare with. */
  private static DecisionTrace run(AccumulatePolicy policy, DecisionMode mode, float[] changes) {
    Guards guards = new Guards(mode, changes.length);
    Guard guard = guards.guard("g", policy, 1);
    for (int step = 0; step < changes.length; step++) {
      if (guard.measures()) {
        float before = step == 0 ? 0 : 1;
        guard.measured(FloatBuffer.wrap(new float[] {changes[step], before, 0, 0}), 10);
      }
      guard.computes(step);
    }
    return new DecisionTrace(changes.length, guards.decisions(), Map.of());
  }

  private static List<Integer> computed(DecisionTrace trace) {
    return trace.guards().get("g").stream()
        .filter(Decision::computed)
        .map(Decision::step)
        .toList();
  }

  /** The loop as the original code has it. */
  private static List<Integer> original(double threshold, List<Double> rescale, float[] changes) {
    List<Integer> out = new ArrayList<>();
    double accumulated = 0;
    for (int step = 0; step < changes.length; step++) {
      boolean compute;
      if (step == 0 || step == changes.length - 1) {
        compute = true;
        accumulated = 0;
      } else {
        for (int i = 0; i < rescale.size(); i++) {
          accumulated += rescale.get(i) * Math.pow(changes[step], rescale.size() - 1 - i);
        }
        compute = !(accumulated < threshold);
        accumulated = compute ? 0 : accumulated;
      }
      if (compute) {
        out.add(step);
      }
    }
    return out;
  }

  @Test
  void changesAddUpUntilTheThreshold() {
    // 0.25 + 0.5 stay below 1, with 0.25 they reach it; then 0.5 + 0.25 again, and 2 is enough by
    // itself.
    float[] changes = {0, 0.25f, 0.5f, 0.25f, 0.5f, 0.25f, 2, 0.25f, 0.25f, 0.25f};
    DecisionTrace trace = run(policy(1, IDENTITY), DecisionMode.ADAPTIVE, changes);
    assertThat(computed(trace)).containsExactly(0, 3, 6, 9);
    List<Decision> decisions = trace.guards().get("g");
    assertThat(decisions.get(0).divergence()).isEmpty();
    for (int step = 1; step < changes.length; step++) {
      // Steps that reuse are measured as well, so the sums can be followed in the trace.
      assertThat(decisions.get(step).divergence()).hasValue(changes[step]);
    }
  }

  @Test
  void decidesAsTheOriginalLoop() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      float[] changes = new float[1 + random.nextInt(60)];
      for (int i = 0; i < changes.length; i++) {
        changes[i] = random.nextFloat() * 0.3f;
      }
      for (List<Double> rescale : List.of(IDENTITY, OPEN_SORA)) {
        double threshold = 0.05 + random.nextDouble();
        DecisionTrace trace = run(policy(threshold, rescale), DecisionMode.ADAPTIVE, changes);
        assertThat(computed(trace)).isEqualTo(original(threshold, rescale, changes));
      }
    }
  }

  @Test
  void theSumStartsAnewBehindStepsThatAreComputedAnyway() {
    AccumulatePolicy policy = new AccumulatePolicy(
        1, IDENTITY, new AlwaysComputed(3, 1, 0, 1), DivergenceMetric.RELATIVE);
    float[] changes = {0, 0.75f, 0.75f, 0.75f, 0.75f, 0.75f, 0.75f};
    assertThat(computed(run(policy, DecisionMode.ADAPTIVE, changes)))
        .containsExactly(0, 1, 2, 4, 6);
  }

  @Test
  void aChangeThatIsNoNumberIsComputed() {
    float[] changes = {0, 0.1f, Float.NaN, 0.1f, 0.1f, 0.1f};
    assertThat(computed(run(policy(1, IDENTITY), DecisionMode.ADAPTIVE, changes)))
        .containsExactly(0, 2, 5);
  }

  @Test
  void aStepThatWasNotMeasuredIsComputed() {
    Guard guard = new Guards(DecisionMode.ADAPTIVE, 9).guard("g", policy(1, IDENTITY), 1);
    for (int step = 0; step < 4; step++) {
      assertThat(guard.computes(step)).isTrue();
    }
  }

  @Test
  void alwaysComputesEveryStepAndStillMeasures() {
    DecisionTrace trace =
        run(policy(1, IDENTITY), DecisionMode.ALWAYS, new float[] {0, 0.5f, 0.25f, 0.125f});
    assertThat(computed(trace)).hasSize(4);
    assertThat(trace.guards().get("g").get(2).divergence()).hasValue(0.25);
  }

  @Test
  void aReplayMeasuresNothing() {
    float[] changes = {0, 0.5f, 0.75f, 0.25f, 0.25f};
    DecisionTrace first = run(policy(1, IDENTITY), DecisionMode.ADAPTIVE, changes);
    DecisionTrace again = run(policy(1, IDENTITY), DecisionMode.replay(first), changes);
    assertThat(computed(again)).isEqualTo(computed(first)).containsExactly(0, 2, 4);
    assertThat(again.guards().get("g"))
        .allSatisfy(d -> assertThat(d.divergence()).isEmpty());
  }

  @Test
  void aGuardThatWasPassedByTakesTheWholeChange() {
    Guards guards = new Guards(DecisionMode.ADAPTIVE, 9);
    Guard guard = guards.guard("g", policy(1, IDENTITY), 1);
    assertThat(guard.computes(0)).isTrue();
    guard.measured(FloatBuffer.wrap(new float[] {0.75f, 1, 0, 0}), 10);
    assertThat(guard.computes(1)).isFalse();
    // Steps 2 and 3 were reused as part of something larger.
    guard.measured(FloatBuffer.wrap(new float[] {0.5f, 1, 0, 0}), 10);
    assertThat(guard.computes(4)).isTrue();
    List<Decision> decisions = guards.decisions().get("g");
    assertThat(decisions.get(4).divergence().orElseThrow()).isCloseTo(0.5, within(1e-9));
    assertThat(decisions.get(3)).isEqualTo(Decision.unmeasured(3, false));
  }
}
