package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.HistorySpec.Action;
import org.quantcache.kernels.cpu.KernelLaunch;

/** What a guard remembers and foretells, against plain arithmetic. */
class HistoryKernelTest {
  private static final int ROWS = 12;

  private final Random random = new Random(8);

  @Test
  void remembersAndForetells() {
    List<HistorySpec> specs = new ArrayList<>();
    for (int channels : new int[] {1, 7, 16, 33, 128}) {
      for (int length = 1; length <= 3; length++) {
        specs.add(new HistorySpec(Action.REMEMBER, length, channels));
        specs.add(new HistorySpec(Action.FORETELL, length, channels));
      }
    }
    for (CpuTarget target : KernelBench.targets()) {
      for (int workers = 1; workers <= 2; workers++) {
        try (KernelBench bench = new KernelBench(target, specs, workers)) {
          for (HistorySpec spec : specs) {
            check(bench, spec, ROWS);
            check(bench, spec, ROWS / 2);
          }
        }
      }
    }
  }

  private void check(KernelBench bench, HistorySpec spec, int baseRows) {
    int channels = spec.channels();
    float[] value = KernelBench.random(random, ROWS * channels);
    float[] base = KernelBench.random(random, baseRows * channels);
    List<float[]> before = new ArrayList<>();
    List<KernelBench.Memory> history = new ArrayList<>();
    KernelBench.Memory values = bench.memory(value.clone(), 4);
    KernelLaunch.Builder launch = bench
        .launch(spec)
        .pointer(values.address())
        .pointer(bench.memory(base, 4).address());
    for (int h = 0; h < spec.length(); h++) {
      before.add(KernelBench.random(random, ROWS * channels));
      history.add(bench.memory(before.get(h).clone(), 4));
      launch.pointer(history.get(h).address());
    }
    launch.integer(baseRows);
    float[] weights = {1.75f, -0.5f, 0.125f};
    int reals = spec.action() == Action.FORETELL ? spec.length() : 0;
    bench.run(launch, ROWS, 3 + spec.length(), Arrays.copyOf(weights, reals));
    for (int i = 0; i < ROWS * channels; i++) {
      float from = base[i % (baseRows * channels)];
      if (spec.action() == Action.FORETELL) {
        double sum = from;
        for (int h = 0; h < spec.length(); h++) {
          sum += weights[h] * before.get(h)[i];
        }
        assertThat((double) values.floats()[i]).isCloseTo(sum, within(1e-5));
      } else {
        assertThat(history.get(0).floats()[i]).isEqualTo(value[i] - from);
        for (int h = 1; h < spec.length(); h++) {
          assertThat(history.get(h).floats()[i]).isEqualTo(before.get(h - 1)[i]);
        }
      }
    }
  }
}
