package org.quantcache.kernels.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.SimilarityPolicy.Evidence;
import org.quantcache.ir.policy.VisitPolicy;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;

/** When a layer is left out, and what it makes of what the layers before showed. */
class BranchTest {
  private static final SimilarityPolicy SURE = new SimilarityPolicy(
      0.5, 0.5, 0, Evidence.SAME_STEP, 0, SimilarityPolicy.NEVER, 0, 2, 100, 0);

  /** Sums of a probe that saw a cosine similarity. */
  private static FloatBuffer alike(double cosine) {
    return FloatBuffer.wrap(new float[] {(float) cosine, 1, 1, 0, 1});
  }

  /** Sums of a probe that saw a relative change. */
  private static FloatBuffer changed(double relative) {
    return FloatBuffer.wrap(new float[] {0, 1, 1, (float) (4 * relative), 4});
  }

  /** A stack of layers of one kind in which those from 2 on may be left out. */
  private static final class Stack {
    private final Branches branches;
    private final PrunePolicy policy;
    private final boolean reuses;
    private final int layers;

    Stack(PrunePolicy policy, boolean reuses, int layers, DecisionMode mode, int steps) {
      this.branches = new Branches(mode, steps);
      this.policy = policy;
      this.reuses = reuses;
      this.layers = layers;
    }

    /** Runs a step in which all neighbours are alike so much; gives the layers that were left out. */
    List<Integer> step(int step, double similarity, double change) {
      List<Integer> out = new ArrayList<>();
      for (int layer = 0; layer < layers; layer++) {
        Branch branch = layer < 2
            ? null
            : branches.branch("spatial." + layer, "spatial", layer, policy, reuses ? 1 : 0, 1);
        if (branch != null && branch.prunes(step)) {
          out.add(layer);
          continue;
        }
        branches.evidence("spatial").compared(layer, step, alike(similarity));
        if (branch != null && branch.measures()) {
          branch.varied(step == 0 ? FloatBuffer.wrap(new float[5]) : changed(change));
        }
      }
      return out;
    }

    List<LayerDecision> decisions(int layer) {
      return branches.decisions().get("spatial." + layer);
    }
  }

  private static Stack stack(PrunePolicy policy, boolean reuses, int layers) {
    return new Stack(policy, reuses, layers, DecisionMode.ADAPTIVE, 20);
  }

  @Test
  void similarityAboveTheThresholdLeavesOutTheNextLayer() {
    assertThat(stack(SURE, false, 3).step(0, 0.51, 0)).containsExactly(2);
    assertThat(stack(SURE, false, 3).step(0, 0.49, 0)).isEmpty();
  }

  @Test
  void neighboursAreNeverLeftOutTogether() {
    // Behind a layer that is left out the next pair is not known at this step.
    assertThat(stack(SURE, false, 6).step(0, 0.9, 0)).containsExactly(2, 5);
    SimilarityPolicy old = new SimilarityPolicy(
        0.5, 0.5, 0, Evidence.LAST_COMPUTED, 0, SimilarityPolicy.NEVER, 0, 2, 100, 0);
    Stack all = stack(old, false, 6);
    // Two steps without pruning give evidence for every pair.
    assertThat(all.step(0, 0.1, 0)).isEmpty();
    assertThat(all.step(1, 0.9, 0)).containsExactly(2, 5);
    assertThat(stack(old, false, 8).step(0, 0.9, 0)).doesNotContain(3, 6);
  }

  @Test
  void whatWasMeasuredAtAnEarlierStepCountsOnlyWhenAskedFor() {
    for (Evidence evidence : Evidence.values()) {
      Branches branches = new Branches(DecisionMode.ADAPTIVE, 5);
      SimilarityPolicy policy =
          new SimilarityPolicy(0.5, 0.5, 0, evidence, 0, SimilarityPolicy.NEVER, 0, 2, 100, 0);
      Branch branch = branches.branch("spatial.2", "spatial", 2, policy, 0, 1);
      branches.evidence("spatial").compared(0, 0, alike(0));
      branches.evidence("spatial").compared(1, 0, alike(0.9));
      assertThat(branch.prunes(1)).isEqualTo(evidence == Evidence.LAST_COMPUTED);
    }
  }

  @Test
  void theLeastOfSeveralProbesCounts() {
    Branches branches = new Branches(DecisionMode.ADAPTIVE, 5);
    branches.evidence("spatial").compared(0, 0, alike(0));
    branches.evidence("spatial").compared(1, 0, alike(0.9));
    branches.evidence("spatial").compared(1, 0, alike(0.3));
    branches.evidence("spatial").compared(1, 0, alike(0.8));
    Branch branch = branches.branch("spatial.2", "spatial", 2, SURE, 0, 1);
    assertThat(branch.prunes(0)).isFalse();
    assertThat(branches.decisions().get("spatial.2").get(0).similarity().orElseThrow())
        .isCloseTo(0.3, within(1e-7));
  }

  @Test
  void kindsAreComparedApart() {
    Branches branches = new Branches(DecisionMode.ADAPTIVE, 5);
    branches.evidence("temporal").compared(0, 0, alike(0));
    branches.evidence("temporal").compared(1, 0, alike(0.9));
    assertThat(branches.branch("spatial.2", "spatial", 2, SURE, 0, 1).prunes(0)).isFalse();
    assertThat(branches.branch("temporal.2", "temporal", 2, SURE, 0, 1).prunes(0))
        .isTrue();
  }

  @Test
  void layersThatAddNothingAreNotAlike() {
    Branches branches = new Branches(DecisionMode.ADAPTIVE, 5);
    branches.evidence("spatial").compared(0, 0, FloatBuffer.wrap(new float[5]));
    branches.evidence("spatial").compared(1, 0, FloatBuffer.wrap(new float[5]));
    assertThat(branches.branch("spatial.2", "spatial", 2, SURE, 0, 1).prunes(0)).isFalse();
  }

  @Test
  void aLayerThatReusesWasComputedBefore() {
    Stack stack = stack(SURE, true, 3);
    assertThat(stack.step(0, 0.9, 0)).isEmpty();
    assertThat(stack.step(1, 0.9, 0)).containsExactly(2);
  }

  @Test
  void aLayerIsLeftOutOnlySoManyTimesInARow() {
    SimilarityPolicy policy = new SimilarityPolicy(
        0.5, 0.5, 0, Evidence.SAME_STEP, 0, SimilarityPolicy.NEVER, 0, 2, 2, 0);
    Stack stack = stack(policy, false, 3);
    List<Boolean> left = new ArrayList<>();
    for (int step = 0; step < 6; step++) {
      left.add(!stack.step(step, 0.9, 0).isEmpty());
    }
    assertThat(left).containsExactly(true, true, false, true, true, false);
  }

  @Test
  void variationBoundsAndRelaxesTheDecision() {
    SimilarityPolicy bounded =
        new SimilarityPolicy(0.5, 0.5, 0, Evidence.SAME_STEP, 0, 0.3, 0, 2, 100, 0);
    Stack moving = stack(bounded, true, 3);
    moving.step(0, 0.1, 0);
    moving.step(1, 0.1, 0.2);
    // One change of 0.2 is known: within the bound. A second one exceeds it.
    moving.step(2, 0.1, 0.2);
    assertThat(moving.step(3, 0.9, 0.2)).isEmpty();
    assertThat(moving.decisions(2).get(3).variation().orElseThrow()).isCloseTo(0.4, within(1e-6));
    assertThat(moving.decisions(2).get(2).variation().orElseThrow()).isCloseTo(0.2, within(1e-6));
    // Nothing is known of the first two steps, so nothing is left out.
    assertThat(stack(bounded, false, 3).step(0, 0.9, 0)).isEmpty();

    SimilarityPolicy relaxed = new SimilarityPolicy(
        0.2, 0.5, 0, Evidence.SAME_STEP, 0.3, SimilarityPolicy.NEVER, 0.3, 2, 100, 0);
    Stack calm = stack(relaxed, true, 3);
    calm.step(0, 0.1, 0);
    calm.step(1, 0.1, 0.1);
    assertThat(calm.step(2, 0.3, 0.1)).containsExactly(2);
    Stack restless = stack(relaxed, true, 3);
    restless.step(0, 0.1, 0);
    restless.step(1, 0.1, 0.9);
    assertThat(restless.step(2, 0.3, 0.9)).isEmpty();
  }

  @Test
  void chanceIsTheSameInEveryRunAndFollowsItsProbability() {
    SimilarityPolicy even = new SimilarityPolicy(
        0, 0.9, 0.25, Evidence.SAME_STEP, 0, SimilarityPolicy.NEVER, 0, 2, 1000, 7);
    List<List<Integer>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      Stack stack = new Stack(even, false, 3, DecisionMode.ADAPTIVE, 1000);
      List<Integer> steps = new ArrayList<>();
      for (int step = 0; step < 1000; step++) {
        if (!stack.step(step, 0.5, 0).isEmpty()) {
          steps.add(step);
        }
      }
      runs.add(steps);
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
    assertThat(runs.get(0).size()).isBetween(190, 310);
    assertThat(Chance.of(7, 3, "spatial", 2)).isNotEqualTo(Chance.of(8, 3, "spatial", 2));
    assertThat(Chance.of(7, 3, "spatial", 2)).isNotEqualTo(Chance.of(7, 3, "temporal", 2));
  }

  @Test
  void aReplayDoesWhatTheTraceSays() {
    Stack adaptive = stack(SURE, true, 3);
    for (int step = 0; step < 20; step += 2) {
      adaptive.step(step, step % 3 == 0 ? 0.9 : 0.1, 0.1);
    }
    DecisionTrace trace = new DecisionTrace(20, Map.of(), adaptive.branches.decisions());
    Stack replay = new Stack(SURE, true, 3, DecisionMode.replay(trace), 20);
    for (int step = 0; step < 20; step += 2) {
      assertThat(!replay.step(step, 0, 0).isEmpty())
          .isEqualTo(trace.layers().get("spatial.2").get(step).pruned());
    }
    assertThat(trace.pruned()).isEqualTo(3);
    assertThat(replay.branches.evidence("spatial").measures()).isFalse();
    assertThat(trace.layers().get("spatial.2").get(1).outcome())
        .isEqualTo(LayerDecision.Outcome.NOT_REACHED);
  }

  @Test
  void nothingIsLeftOutWhenAllIsComputed() {
    Stack stack = new Stack(SURE, false, 6, DecisionMode.ALWAYS, 20);
    for (int step = 0; step < 20; step++) {
      assertThat(stack.step(step, 1, 0)).isEmpty();
    }
  }

  @Test
  void aTraceThatCannotBeFollowedIsRefused() {
    LayerDecision pruned = LayerDecision.unmeasured(0, LayerDecision.Outcome.PRUNED);
    DecisionTrace first = new DecisionTrace(1, Map.of(), Map.of("spatial.2", List.of(pruned)));
    DecisionMode mode = DecisionMode.replay(first);
    Branch early = new Branches(mode, 1).branch("spatial.2", "spatial", 2, SURE, 1, 1);
    refused(() -> early.prunes(0), "before it was computed once");
    // Without anything to reuse the first step may do so.
    assertThat(
            new Branches(mode, 1).branch("spatial.2", "spatial", 2, SURE, 0, 1).prunes(0))
        .isTrue();
    refused(
        () -> new Branches(mode, 1).branch("spatial.3", "spatial", 3, SURE, 0, 1),
        "layer 'spatial.3'");
    refused(
        () -> new Branches(mode, 2).branch("spatial.2", "spatial", 2, SURE, 0, 1), "the run has 2");
  }

  private static void refused(Runnable action, String reason) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("RT0110"))
        .hasMessageContaining(reason);
  }

  @Test
  void aPlanCountsTheStepsAtWhichALayerIsReached() {
    Branches branches = new Branches(DecisionMode.ADAPTIVE, 12);
    PrunePolicy plan = new VisitPolicy(List.of(1L, 3L));
    List<Integer> pruned = new ArrayList<>();
    for (int step : List.of(0, 4, 5, 9, 11)) {
      if (branches.branch("spatial.0", "spatial", 0, plan, 1, 1).prunes(step)) {
        pruned.add(step);
      }
    }
    assertThat(pruned).containsExactly(4, 9);
    List<LayerDecision> decisions = branches.decisions().get("spatial.0");
    assertThat(decisions).hasSize(12);
    assertThat(decisions.stream().filter(LayerDecision::pruned)).hasSize(2);
    assertThat(decisions.get(1).outcome()).isEqualTo(LayerDecision.Outcome.NOT_REACHED);
  }

  @Test
  void aPlanNeverReusesWhatWasNotComputed() {
    PrunePolicy plan = new VisitPolicy(List.of(0L, 1L));
    Branches reusing = new Branches(DecisionMode.ADAPTIVE, 2);
    assertThat(reusing.branch("spatial.0", "spatial", 0, plan, 1, 1).prunes(0)).isFalse();
    assertThat(reusing.branch("spatial.0", "spatial", 0, plan, 1, 1).prunes(1)).isTrue();
    Branches passing = new Branches(DecisionMode.ADAPTIVE, 2);
    assertThat(passing.branch("spatial.0", "spatial", 0, plan, 0, 1).prunes(0)).isTrue();
    Branches always = new Branches(DecisionMode.ALWAYS, 2);
    assertThat(always.branch("spatial.0", "spatial", 0, plan, 0, 1).prunes(0)).isFalse();
  }

  /** Of what is computed only that is kept which is still in the history when the layer is left out next. */
  @ParameterizedTest
  @CsvSource({"0, 00000", "1, 01010", "2, 11110"})
  void onlyWhatIsReusedIsKept(int history, String expected) {
    PrunePolicy plan = new VisitPolicy(List.of(2L, 5L));
    assertThat(kept(DecisionMode.ADAPTIVE, plan, history)).isEqualTo(expected);
    Branches branches = new Branches(DecisionMode.ADAPTIVE, 7);
    for (int step = 0; step < 7; step++) {
      branches.branch("spatial.0", "spatial", 0, plan, history, 1).prunes(step);
    }
    DecisionMode replay = DecisionMode.replay(new DecisionTrace(7, Map.of(), branches.decisions()));
    assertThat(kept(replay, SURE, history)).isEqualTo(expected);
    assertThat(kept(DecisionMode.ALWAYS, plan, history)).isEqualTo("0000000");
  }

  /** By visit whether its value was kept, those that were left out aside. */
  private static String kept(DecisionMode mode, PrunePolicy plan, int history) {
    Branches branches = new Branches(mode, 7);
    StringBuilder out = new StringBuilder();
    for (int step = 0; step < 7; step++) {
      Branch branch = branches.branch("spatial.0", "spatial", 0, plan, history, 1);
      if (!branch.prunes(step)) {
        out.append(branch.keeps() ? '1' : '0');
      }
    }
    return out.toString();
  }
}
