package org.quantcache.tools.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.Levels;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Guard;
import org.quantcache.kernels.cache.GuardInputs;
import org.quantcache.kernels.cache.Guards;
import org.quantcache.kernels.cache.LayerRule;
import org.quantcache.kernels.explain.GuardStep;
import org.quantcache.kernels.explain.Redecision;
import org.quantcache.kernels.prune.Branches;
import org.quantcache.kernels.prune.LayerInputs;
import org.quantcache.kernels.prune.LayerReason;

/** What is said to turn a decision round does so, and nothing nearer does. */
class FlipTest {
  private static final AlwaysComputed ALWAYS = new AlwaysComputed(1, 1, 0, 1);
  private static final List<GuardPolicy> POLICIES = List.of(
      new CodebookPolicy(
          new Levels(List.of(0.1, 0.3, 0.6), List.of(5L, 2L, 4L, 1L)),
          ALWAYS,
          DivergenceMetric.RELATIVE),
      new AccumulatePolicy(0.5, List.of(1.0, 0.0), ALWAYS, DivergenceMetric.RELATIVE),
      new AccumulatePolicy(2, List.of(3.0, -1.0, 0.5), ALWAYS, DivergenceMetric.RELATIVE));

  private static DecisionTrace run(GuardPolicy policy, Random random) {
    Guards guards = new Guards(DecisionMode.ADAPTIVE, 30);
    Guard guard = guards.guard("g", policy, 1);
    for (int step = 0; step < 30; step++) {
      FloatBuffer sums =
          FloatBuffer.wrap(new float[] {random.nextFloat(), step == 0 ? 0 : 1, 0, 0});
      if (policy.measuresInput()) {
        guard.measured(sums, 4);
        guard.computes(step);
      } else if (guard.computes(step)) {
        guard.measured(sums, 4);
      }
    }
    return new Branches(DecisionMode.ADAPTIVE, 30).trace(guards);
  }

  @Test
  void theDivergenceThatIsNamedDecidesOtherwise() {
    int named = 0;
    for (int seed = 0; seed < 60; seed++) {
      GuardPolicy policy = POLICIES.get(seed % POLICIES.size());
      for (GuardStep step :
          Redecision.of(run(policy, new Random(seed))).guards().get("g")) {
        GuardInputs in = step.inputs().orElseThrow();
        for (Flip flip : new GuardFlips(policy, step, in).all()) {
          if (flip.what().equals("D")) {
            double needed = flip.needed().orElseThrow();
            double found = flip.found().orElseThrow();
            assertThat(in.withDivergence(needed).computes(policy)).isNotEqualTo(step.computed());
            double nearer = needed > found ? Math.nextDown(needed) : Math.nextUp(needed);
            assertThat(in.withDivergence(nearer).computes(policy)).isEqualTo(step.computed());
            named++;
          }
        }
      }
    }
    assertThat(named).isGreaterThan(200);
  }

  @Test
  void theThresholdThatIsNamedDecidesOtherwise() {
    int named = 0;
    for (int seed = 0; seed < 60; seed++) {
      GuardPolicy policy = POLICIES.get(seed % POLICIES.size());
      for (GuardStep step :
          Redecision.of(run(policy, new Random(seed))).guards().get("g")) {
        GuardInputs in = step.inputs().orElseThrow();
        for (Flip flip : new GuardFlips(policy, step, in).all()) {
          for (Thresholds.Threshold<GuardPolicy> threshold : Thresholds.of(policy)) {
            if (threshold.name().equals(flip.what())) {
              GuardPolicy moved = threshold.moved().apply(flip.needed().orElseThrow());
              assertThat(in.computes(moved)).isNotEqualTo(step.computed());
              named++;
            }
          }
        }
      }
    }
    assertThat(named).isGreaterThan(200);
  }

  @Test
  void theSimilarityOrVariationThatIsNamedDecidesOtherwise() {
    SimilarityPolicy policy = new SimilarityPolicy(
        0.3, 0.7, 0.5, SimilarityPolicy.Evidence.SAME_STEP, 0.2, 0.8, 0.1, 2, 9, 7);
    LayerRule rule = new LayerRule("spatial", 3, policy, 0);
    Random random = new Random(1);
    int named = 0;
    for (int i = 0; i < 500; i++) {
      LayerInputs in = new LayerInputs(
          i,
          i,
          true,
          0,
          false,
          OptionalDouble.of(2 * random.nextDouble() - 1),
          OptionalDouble.of(random.nextDouble()));
      LayerReason reason = LayerReason.of(rule, in);
      for (Flip flip : new LayerFlips(rule, in, reason).all()) {
        if (flip.what().equals("S") || flip.what().equals("V")) {
          double needed = flip.needed().orElseThrow();
          LayerInputs other =
              flip.what().equals("S") ? in.withSimilarity(needed) : in.withVariation(needed);
          assertThat(LayerReason.of(rule, other).prunes()).isNotEqualTo(reason.prunes());
          named++;
        }
      }
    }
    assertThat(named).isGreaterThan(500);
  }

  @Test
  void theCliffCountsWhatFlips() {
    // D is 0.5 at each measured step; a bound of 0.52 lies 4 % above, one of 0.54 more than 5 %.
    for (double bound : new double[] {0.52, 0.54}) {
      GuardPolicy policy = new CodebookPolicy(
          new Levels(List.of(bound), List.of(1L, 2L)), ALWAYS, DivergenceMetric.RELATIVE);
      Guards guards = new Guards(DecisionMode.ADAPTIVE, 10);
      Guard guard = guards.guard("g", policy, 1);
      for (int step = 0; step < 10; step++) {
        assertThat(guard.computes(step)).isTrue();
        guard.measured(FloatBuffer.wrap(new float[] {0.5f, step == 0 ? 0 : 1, 0, 0}), 4);
      }
      TraceSummary summary = TraceSummary.of(new Branches(DecisionMode.ADAPTIVE, 10).trace(guards));
      assertThat(summary.cliffs()).singleElement().satisfies(cliff -> {
        assertThat(cliff.below()).hasValue(0.5);
        assertThat(cliff.above()).isEmpty();
        // Steps 2 to 8 would be one too early; 0 and 9 are computed anyway, 1 was not measured.
        assertThat(cliff.flips())
            .containsEntry(-10, 7L)
            .containsEntry(-5, bound == 0.52 ? 7L : 0L)
            .containsEntry(5, 0L)
            .containsEntry(10, 0L);
      });
      assertThat(summary.guards().get(0).hitRate()).isZero();
    }
  }
}
