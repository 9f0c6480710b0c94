package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;

/** Bits of activations that follow the divergence, in a sampling loop of the original code's cases, on both devices. */
@Tag("numerics")
class StepBitsTest {
  private static final int STEPS = 8;
  private static final String HLC = "hlc{codebook=0.000001:3/2,warmup=1,tail=1,probe=0},";

  /** No change is as small as the bound: all steps take 4 bits but the first, the last, and those that know of no change. */
  private static final String FEW = HLC + "aigq{activations=9:4/8,protect-last=1}";

  @TempDir
  private Path folder;

  @Test
  void bothDevicesTakeAndReplayTheSameBits() {
    try (LoopCase loop = new LoopCase("sample-rflow", 2)) {
      LoopRuns.onTheReferenceDevice(loop, "@none", FEW, (plain, few) -> check(loop, plain, few));
      LoopRuns.onTheCpuDevice(loop, folder, "@none", FEW, (plain, few) -> check(loop, plain, few));
    }
  }

  private static void check(LoopCase loop, Program plain, Program few) {
    LoopRuns.Run adaptive = LoopRuns.Run.of(few, loop, STEPS, DecisionMode.ADAPTIVE);
    List<Decision> decisions = adaptive.trace().guards().get("stack");
    assertThat(decisions.stream().map(Decision::bits)).containsExactly(8, 8, 0, 4, 0, 4, 0, 8);
    LoopRuns.Run replayed =
        LoopRuns.Run.of(few, loop, STEPS, DecisionMode.replay(adaptive.trace()));
    assertThat(replayed.bits()).isEqualTo(adaptive.bits());
    LoopRuns.Run all = LoopRuns.Run.of(few, loop, STEPS, DecisionMode.ALWAYS);
    assertThat(all.bits())
        .isNotEqualTo(LoopRuns.Run.of(plain, loop, STEPS, DecisionMode.ALWAYS).bits());
  }
}
