package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;

/** Guards in the sampling loops of the original code's cases, on every device. */
class GuardedLoopTest {
  /** Intervals of two whatever is measured: of six steps, 0, 1, 3 and 5 are computed. */
  private static final String POLICY = "codebook=0.000001:3/2,warmup=1,tail=1";

  private static final String HLC = "hlc{" + POLICY + ",probe=0/1,reuse=%s}";
  private static final String INNER = "hlc{" + POLICY + ",at=%s}";

  /** Whatever is measured adds 1: of six steps, 0, 2, 4 and 5 are computed. */
  private static final String SUM = "hlc{accumulate=1.5,rescale=0/1,warmup=1,tail=1,at=%s}";

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
            Arguments.of(name, "@none", SUM.formatted("stack")),
            Arguments.of(name, "@none", SUM.formatted("layer")),
            Arguments.of(name, "@none,aigq", SUM.formatted("stack")),
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

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("sample")
  void onTheCpuDevice(String name, String passes, String hlc) {
    try (LoopCase loop = new LoopCase(name, DEPTH)) {
      LoopRuns.onTheCpuDevice(
          loop, folder, passes, hlc, (plain, guarded) -> check(loop, plain, guarded));
    }
  }

  /** The emulation of a card is slow, so of the cases above those that differ most. */
  @ParameterizedTest
  @ValueSource(strings = {"@none;linear", "@none,aigq;quadratic"})
  void onTheCudaDevice(String text) {
    String[] parts = text.split(";");
    try (LoopCase loop = new LoopCase("sample-rflow", DEPTH)) {
      LoopRuns.onTheCudaDevice(
          loop,
          folder,
          parts[0],
          HLC.formatted(parts[1]),
          (plain, guarded) -> check(loop, plain, guarded));
    }
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
