package org.quantcache.kernels.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.Levels;
import org.quantcache.ir.policy.PlanPolicy;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.VisitPolicy;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Guard;
import org.quantcache.kernels.cache.Guards;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.kernels.prune.Branch;
import org.quantcache.kernels.prune.Branches;
import org.quantcache.kernels.prune.LayerReason;

/** A run can be decided again from nothing but the file of its trace. */
class RedecisionTest {
  private static final int LAYERS = 6;
  private static final BitsPolicy BITS =
      new BitsPolicy(new Levels(List.of(0.1, 0.3), List.of(4L, 6L, 8L)), 1, 1, 2);

  @TempDir
  private Path folder;

  /** A run of one guard with a guard inside of it, and layers inside of that. */
  private static final class Run {
    private final Random random;
    private final int steps;
    private final Guards guards;
    private final Branches branches;
    private final Guard outer;
    private final Guard inner;
    private final GuardPolicy outerPolicy;
    private final GuardPolicy innerPolicy;
    private final PrunePolicy prune;
    private final int kept;

    Run(Random random, DecisionMode mode, int steps) {
      this.random = random;
      this.steps = steps;
      this.guards = new Guards(mode, steps);
      this.branches = new Branches(mode, steps);
      this.outerPolicy = guardPolicy(random, steps);
      this.innerPolicy = guardPolicy(random, steps);
      this.prune = prunePolicy(random);
      this.kept = random.nextInt(3);
      this.outer = guards.guard("outer", outerPolicy, 1);
      this.inner = guards.guard("inner", innerPolicy, 2);
    }

    DecisionTrace go() {
      for (int step = 0; step < steps; step++) {
        int current = step;
        guarded(outer, outerPolicy, current, () -> {
          outer.bits(BITS);
          guarded(inner, innerPolicy, current, () -> layers(current));
        });
      }
      return branches.trace(guards);
    }

    private void guarded(Guard guard, GuardPolicy policy, int step, Runnable body) {
      if (policy.measuresInput() && guard.measures()) {
        guard.measured(sums(), 64);
      }
      if (guard.computes(step)) {
        body.run();
        if (!policy.measuresInput() && guard.measures()) {
          guard.measured(sums(), 64);
          guard.measured(sums(), 64);
        }
      }
    }

    private FloatBuffer sums() {
      // Now and then there is nothing to compare with, or a value that is no number.
      float before = random.nextInt(12) == 0 ? 0 : 2;
      float change = random.nextInt(40) == 0 ? Float.NaN : random.nextFloat();
      return FloatBuffer.wrap(new float[] {change, before, random.nextFloat(), 2});
    }

    private void layers(int step) {
      for (int layer = 0; layer < LAYERS; layer++) {
        if (layer >= 2) {
          Branch branch = branches.branch("spatial." + layer, "spatial", layer, prune, kept, 1);
          if (branch.prunes(step)) {
            continue;
          }
          if (branch.measures()) {
            branch.varied(FloatBuffer.wrap(new float[] {0, 1, 1, random.nextFloat(), 2}));
          }
        }
        if (branches.evidence("spatial").measures()) {
          branches.evidence("spatial").compared(layer, step, FloatBuffer.wrap(new float[] {
            random.nextFloat(), 1, 1, 0, 1
          }));
        }
      }
    }
  }

  private static GuardPolicy guardPolicy(Random random, int steps) {
    AlwaysComputed always = new AlwaysComputed(
        1 + random.nextInt(3),
        random.nextInt(3),
        random.nextInt(3) / 10.0,
        1 - random.nextInt(3) / 10.0);
    DivergenceMetric metric = new DivergenceMetric(
        pick(random, DivergenceMetric.Norm.values()),
        pick(random, DivergenceMetric.Gap.values()),
        pick(random, DivergenceMetric.Motion.values()),
        0.5,
        random.nextBoolean() ? 0 : 0.1);
    return switch (random.nextInt(4)) {
      case 0 ->
        new CodebookPolicy(new Levels(List.of(0.02, 0.1), List.of(7L, 4L, 2L)), always, metric);
      case 1 -> new CodebookPolicy(new Levels(List.of(), List.of(3L)), always, metric);
      case 2 -> new AccumulatePolicy(0.8, List.of(0.5, 1.0, 0.01), always, metric);
      default -> new PlanPolicy(steps, List.of(0L, 3L, 4L, 9L));
    };
  }

  private static PrunePolicy prunePolicy(Random random) {
    return random.nextInt(3) == 0
        ? new VisitPolicy(List.of(1L, 2L, 5L))
        : new SimilarityPolicy(
            0.2,
            0.7,
            0.5,
            pick(random, SimilarityPolicy.Evidence.values()),
            0.2,
            random.nextBoolean() ? SimilarityPolicy.NEVER : 0.8,
            0.1,
            1 + random.nextInt(3),
            1 + random.nextInt(3),
            random.nextInt());
  }

  private static <T> T pick(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  private DecisionTrace throughFile(DecisionTrace trace) {
    Path file = folder.resolve("trace.json");
    TraceFile.write(file, trace);
    DecisionTrace read = TraceFile.read(file);
    assertThat(read).isEqualTo(trace);
    return read;
  }

  @Test
  void everyDecisionFollowsFromTheNumbersInTheFile() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      int steps = 10 + random.nextInt(30);
      DecisionTrace trace = throughFile(new Run(random, DecisionMode.ADAPTIVE, steps).go());
      assertThat(Redecision.of(trace).trace()).as("seed %d", seed).isEqualTo(trace);
    }
  }

  @Test
  void runsThatAlwaysComputeAndReplaysFollowAsWell() {
    for (int seed = 0; seed < 20; seed++) {
      DecisionTrace always = throughFile(new Run(new Random(seed), DecisionMode.ALWAYS, 20).go());
      assertThat(Redecision.of(always).trace()).isEqualTo(always);
      DecisionTrace first = new Run(new Random(seed), DecisionMode.ADAPTIVE, 20).go();
      DecisionTrace replayed =
          throughFile(new Run(new Random(seed), DecisionMode.replay(first), 20).go());
      assertThat(Redecision.of(replayed).trace()).isEqualTo(replayed);
    }
  }

  @Test
  void aNumberThatWasChangedShows() throws IOException {
    Guards guards = new Guards(DecisionMode.ADAPTIVE, 12);
    GuardPolicy policy = new CodebookPolicy(
        new Levels(List.of(0.25), List.of(6L, 2L)),
        new AlwaysComputed(2, 0, 0, 1),
        DivergenceMetric.RELATIVE);
    Guard guard = guards.guard("g", policy, 1);
    for (int step = 0; step < 12; step++) {
      if (guard.computes(step)) {
        guard.measured(FloatBuffer.wrap(new float[] {0.125f, step == 0 ? 0 : 1, 0, 0}), 4);
      }
    }
    Path file = folder.resolve("trace.json");
    TraceFile.write(file, new Branches(DecisionMode.ADAPTIVE, 12).trace(guards));
    for (String change :
        List.of("0.25->0.0625", "warmup = 2->warmup = 4", "0.125, 1.0->0.9, 1.0")) {
      String[] parts = change.split("->");
      String text = Files.readString(file);
      assertThat(text).contains(parts[0]);
      Path other = folder.resolve("other.json");
      Files.writeString(other, text.replace(parts[0], parts[1]));
      DecisionTrace changed = TraceFile.read(other);
      assertThat(Redecision.of(changed).trace()).as(change).isNotEqualTo(changed);
    }
  }

  @Test
  void decisionsThatRestOnNothingCannotBeMadeAgain() {
    DecisionTrace plan = new DecisionTrace(1, Map.of(), Map.of());
    assertThatThrownBy(() -> Redecision.of(plan)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLayerKnowsWhyItWasLeftOut() {
    List<LayerStep> all = new ArrayList<>();
    for (int seed = 0; seed < 40; seed++) {
      DecisionTrace trace = new Run(new Random(seed), DecisionMode.ADAPTIVE, 30).go();
      Redecision.of(trace).layers().values().forEach(all::addAll);
    }
    assertThat(all).anyMatch(step -> step.inputs().isEmpty());
    assertThat(all).allMatch(step -> step.inputs().isPresent() == step.reason().isPresent());
    // The runs are wide enough to meet every reason.
    assertThat(all.stream().flatMap(step -> step.reason().stream()).distinct())
        .containsExactlyInAnyOrder(LayerReason.values());
  }
}
