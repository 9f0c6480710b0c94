package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.runtime.Program;

/** Layers that are left out of the sampling loops of the original code's cases, on both devices. */
@Tag("numerics")
class PrunedLoopTest {
  /** Any similarity is enough: what may be left out is left out. */
  private static final String SRAP = "srap{tau-low=-1,tau-high=-1,protect=0,in-a-row=1,%s}";

  private static final int STEPS = 6;

  /** A layer needs two of its kind before it. */
  private static final int DEPTH = 3;

  @TempDir
  private Path folder;

  static Stream<Arguments> sample() {
    return GoldenCase.SAMPLE.stream()
        .flatMap(name -> Stream.of(
            Arguments.of(name, "@none", SRAP.formatted("of=addend,reuse=hold")),
            Arguments.of(name, "@none", SRAP.formatted("of=stream,reuse=linear,delta-high=1000")),
            Arguments.of(name, "@none", SRAP.formatted("of=addend,bypass=zero")),
            Arguments.of(
                name,
                "@none,aigq,hlc{codebook=2,warmup=2,tail=1}",
                SRAP.formatted("of=stream,evidence=last-computed"))));
  }

  @ParameterizedTest
  @MethodSource("sample")
  void onTheReferenceDevice(String name, String passes, String srap) {
    try (LoopCase loop = new LoopCase(name, DEPTH)) {
      LoopRuns.onTheReferenceDevice(
          loop, passes, srap, (plain, pruned) -> check(loop, plain, pruned));
    }
  }

  @ParameterizedTest
  @MethodSource("sample")
  void onTheCpuDevice(String name, String passes, String srap) {
    try (LoopCase loop = new LoopCase(name, DEPTH)) {
      LoopRuns.onTheCpuDevice(
          loop, folder, passes, srap, (plain, pruned) -> check(loop, plain, pruned));
    }
  }

  /** The emulation of a card is slow, so one case of those above. */
  @Test
  void onTheCudaDevice() {
    try (LoopCase loop = new LoopCase("sample-rflow", DEPTH)) {
      LoopRuns.onTheCudaDevice(
          loop,
          folder,
          "@none",
          SRAP.formatted("of=addend,reuse=hold"),
          (plain, pruned) -> check(loop, plain, pruned));
    }
  }

  /** Visits chosen beforehand, around a guard: what is planned is left out, at the steps that the guard computes. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void plannedVisits(String device) {
    String hlc = "@none,hlc{codebook=2,warmup=1,tail=0}";
    String srap =
        "srap{plan=spatial.1:1/temporal.0:1:2/temporal.1.cross:2/spatial.2.feed-forward:1,reuse=linear,reach=0.5}";
    for (String name : GoldenCase.SAMPLE) {
      try (LoopCase loop = new LoopCase(name, DEPTH)) {
        LoopRuns.Check check = (plain, pruned) -> checkPlanned(loop, plain, pruned);
        if (device.equals("cpu")) {
          LoopRuns.onTheCpuDevice(loop, folder, hlc, srap, check);
        } else {
          LoopRuns.onTheReferenceDevice(loop, hlc, srap, check);
        }
      }
    }
  }

  private static void checkPlanned(LoopCase loop, Program plain, Program pruned) {
    LoopRuns.Run exact = LoopRuns.Run.of(plain, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(LoopRuns.Run.of(pruned, loop, STEPS, DecisionMode.ALWAYS).bits())
        .isEqualTo(exact.bits());
    LoopRuns.Run planned = LoopRuns.Run.of(pruned, loop, STEPS, DecisionMode.ADAPTIVE);
    assertThat(planned.bits()).isNotEqualTo(exact.bits());
    Map<String, List<Integer>> left = new TreeMap<>();
    planned
        .trace()
        .layers()
        .forEach((layer, decisions) -> left.put(
            layer,
            decisions.stream()
                .filter(LayerDecision::pruned)
                .map(LayerDecision::step)
                .toList()));
    // Computed steps are 0, 2 and 4.
    assertThat(left)
        .isEqualTo(Map.of(
            "spatial.1", List.of(2),
            "spatial.2.feed-forward", List.of(2),
            "temporal.0", List.of(2, 4),
            "temporal.1.cross", List.of(4)));
    LoopRuns.Run replayed =
        LoopRuns.Run.of(pruned, loop, STEPS, DecisionMode.replay(planned.trace()));
    assertThat(replayed.bits()).isEqualTo(planned.bits());
  }

  private static void check(LoopCase loop, Program plain, Program pruned) {
    LoopRuns.Run exact = LoopRuns.Run.of(plain, loop, STEPS, DecisionMode.ALWAYS);
    LoopRuns.Run always = LoopRuns.Run.of(pruned, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(always.bits()).isEqualTo(exact.bits());
    assertThat(always.trace().pruned()).isZero();

    LoopRuns.Run adaptive = LoopRuns.Run.of(pruned, loop, STEPS, DecisionMode.ADAPTIVE);
    assertThat(adaptive.bits()).isNotEqualTo(exact.bits());
    assertThat(adaptive.trace().layers().keySet()).contains("spatial.2", "temporal.2");
    for (List<LayerDecision> layer : adaptive.trace().layers().values()) {
      assertThat(layer.stream().anyMatch(LayerDecision::pruned)).isTrue();
      assertThat(layer.stream().filter(LayerDecision::pruned))
          .allMatch(d -> Math.abs(d.similarity().orElseThrow()) <= 1 + 1e-6);
    }

    DecisionTrace trace = adaptive.trace();
    LoopRuns.Run replayed = LoopRuns.Run.of(pruned, loop, STEPS, DecisionMode.replay(trace));
    assertThat(replayed.bits()).isEqualTo(adaptive.bits());
    // What layers remember does not carry over from one run to the next.
    LoopRuns.Run again = LoopRuns.Run.of(pruned, loop, STEPS, DecisionMode.ADAPTIVE);
    assertThat(again.bits()).isEqualTo(adaptive.bits());
  }
}
