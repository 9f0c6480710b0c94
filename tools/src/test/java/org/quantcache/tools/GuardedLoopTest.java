package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;

/** Guards in the sampling loops of the original code's cases, on both devices. */
class GuardedLoopTest {
  /** Intervals of two whatever is measured: of six steps, 0, 1, 3 and 5 are computed. */
  private static final String POLICY = "codebook=0.000001:3/2,warmup=1,tail=1";

  private static final String HLC = "hlc{" + POLICY + ",probe=0/1,reuse=%s}";
  private static final String INNER = "hlc{" + POLICY + ",at=%s}";

  private static final double THRESHOLD = 0.52;
  private static final String ACCUMULATE = "hlc{accumulate=" + THRESHOLD + ",warmup=1,tail=1}";

  private static final int STEPS = 6;
  private static final int DEPTH = 2;

  @TempDir
  private Path folder;

  static Stream<Arguments> sample() {
    return GoldenCase.SAMPLE.stream()
        .flatMap(name -> Stream.of(
            Arguments.of(name, "@none", HLC.formatted("hold")),
            Arguments.of(name, "@none", HLC.formatted("linear")),
            Arguments.of(name, "@none", HLC.formatted("quadratic")),
            Arguments.of(name, "@none", INNER.formatted("layer")),
            Arguments.of(name, "@none", INNER.formatted("cross")),
            Arguments.of(
                name,
                "@none,aigq",
                String.join(
                    ",",
                    INNER.formatted("rear"),
                    INNER.formatted("spatial"),
                    INNER.formatted("feed-forward"))),
            Arguments.of(name, "@none,aigq", HLC.formatted("linear"))));
  }

  @ParameterizedTest
  @MethodSource("sample")
  void onTheReferenceDevice(String name, String passes, String hlc) {
    try (LoopCase loop = new LoopCase(name, DEPTH)) {
      LoopRuns.onTheReferenceDevice(
          loop, passes, hlc, (plain, guarded) -> check(loop, plain, guarded));
    }
  }

  @ParameterizedTest
  @MethodSource("sample")
  void onTheCpuDevice(String name, String passes, String hlc) {
    try (LoopCase loop = new LoopCase(name, DEPTH)) {
      LoopRuns.onTheCpuDevice(
          loop, folder, passes, hlc, (plain, guarded) -> check(loop, plain, guarded));
    }
  }

  /** Probes in front of the guard, where norms are and where quantization took them in. */
  static Stream<Arguments> accumulating() {
    return GoldenCase.SAMPLE.stream()
        .flatMap(
            name -> Stream.of("@none", "@none,aigq").map(passes -> Arguments.of(name, passes)));
  }

  @ParameterizedTest
  @MethodSource("accumulating")
  void changesOfTheInputAddUp(String name, String passes) {
    List<List<Decision>> found = new ArrayList<>();
    try (LoopCase loop = new LoopCase(name, DEPTH)) {
      LoopRuns.Check check = (plain, guarded) -> found.add(checkAccumulating(loop, plain, guarded));
      LoopRuns.onTheReferenceDevice(loop, passes, ACCUMULATE, check);
      LoopRuns.onTheCpuDevice(loop, folder, passes, ACCUMULATE, check);
    }
    for (int step = 1; step < STEPS; step++) {
      assertThat(found.get(1).get(step).divergence().orElseThrow())
          .isCloseTo(found.get(0).get(step).divergence().orElseThrow(), withinPercentage(1));
    }
  }

  private static List<Decision> checkAccumulating(LoopCase loop, Program plain, Program guarded) {
    LoopRuns.Run exact = LoopRuns.Run.of(plain, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ALWAYS).bits())
        .isEqualTo(exact.bits());
    LoopRuns.Run adaptive = LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ADAPTIVE);
    assertThat(adaptive.bits()).isNotEqualTo(exact.bits());
    List<Decision> decisions = adaptive.trace().guards().get("stack");
    double sum = 0;
    for (Decision decision : decisions) {
      int step = decision.step();
      sum += decision.divergence().orElse(0);
      boolean expected = step == 0 || step == STEPS - 1 || sum >= THRESHOLD;
      assertThat(decision.computed()).as("step %d", step).isEqualTo(expected);
      sum = expected ? 0 : sum;
    }
    // Neither never nor always.
    assertThat(adaptive.trace().computed("stack")).isBetween(2L, STEPS - 1L);
    LoopRuns.Run replayed =
        LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.replay(adaptive.trace()));
    assertThat(replayed.bits()).isEqualTo(adaptive.bits());
    return decisions;
  }

  private static void check(LoopCase loop, Program plain, Program guarded) {
    LoopRuns.Run exact = LoopRuns.Run.of(plain, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(exact.traces()).isEmpty();

    LoopRuns.Run always = LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(always.bits()).isEqualTo(exact.bits());
    always
        .trace()
        .guards()
        .keySet()
        .forEach(guard -> assertThat(always.trace().computed(guard)).as(guard).isEqualTo(STEPS));

    LoopRuns.Run adaptive = LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ADAPTIVE);
    assertThat(adaptive.bits()).isNotEqualTo(exact.bits());
    assertThat(adaptive.trace().guards()).isNotEmpty().allSatisfy((guard, decisions) -> {
      // A guard within another one is asked less often.
      assertThat(adaptive.trace().computed(guard)).isBetween(1L, 4L);
      // What was measured is a relative change: above zero, and far from everything being new.
      assertThat(decisions.get(STEPS - 1).computed()).isTrue();
      decisions.stream()
          .filter(d -> d.step() > 0)
          .forEach(d -> d.divergence().ifPresent(v -> assertThat(v).isBetween(1e-6, 10.0)));
      assertThat(decisions.stream().filter(d -> d.divergence().isPresent())).isNotEmpty();
    });
    String first = adaptive.trace().guards().keySet().iterator().next();
    assertThat(adaptive.trace().computed(first)).isEqualTo(4);

    LoopRuns.Run replayed =
        LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.replay(adaptive.trace()));
    assertThat(replayed.bits()).isEqualTo(adaptive.bits());
    // Slots do not carry over from one run to the next.
    assertThat(LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ADAPTIVE).bits())
        .isEqualTo(adaptive.bits());
  }
}
