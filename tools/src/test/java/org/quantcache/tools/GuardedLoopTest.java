package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;

/** Guards in the sampling loops of the original code's cases, on both devices. */
class GuardedLoopTest {
  /** Intervals of two whatever is measured: of six steps, 0, 1, 3 and 5 are computed. */
  private static final String HLC = "hlc{codebook=0.000001:3/2,probe=0/1,reuse=%s,warmup=1,tail=1}";

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

  private static void check(LoopCase loop, Program plain, Program guarded) {
    LoopRuns.Run exact = LoopRuns.Run.of(plain, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(exact.traces()).isEmpty();

    LoopRuns.Run always = LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(always.bits()).isEqualTo(exact.bits());
    assertThat(always.trace().computed("stack")).isEqualTo(STEPS);

    LoopRuns.Run adaptive = LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ADAPTIVE);
    assertThat(adaptive.trace().computed("stack")).isEqualTo(4);
    assertThat(adaptive.bits()).isNotEqualTo(exact.bits());
    // What was measured is a relative change: above zero, and far from everything being new.
    assertThat(adaptive.trace().guards().get("stack").get(3).divergence().orElseThrow())
        .isBetween(1e-6, 10.0);

    LoopRuns.Run replayed =
        LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.replay(adaptive.trace()));
    assertThat(replayed.bits()).isEqualTo(adaptive.bits());
    // Slots do not carry over from one run to the next.
    assertThat(LoopRuns.Run.of(guarded, loop, STEPS, DecisionMode.ADAPTIVE).bits())
        .isEqualTo(adaptive.bits());
  }
}
