package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.kernels.cpu.KernelLaunch;

/** What a probe of a layer measures, against plain arithmetic in double. */
class CompareTest {
  private static final int ROWS = 6;
  private static final int SUMS = 5;

  private final Random random = new Random(8);

  @Test
  void agreesWithPlainArithmetic() {
    List<CompareSpec> specs = new ArrayList<>();
    for (int channels : new int[] {1, 7, 16, 33, 128}) {
      specs.add(new CompareSpec(channels, true));
      specs.add(new CompareSpec(channels, false));
    }
    for (CpuTarget target : KernelBench.targets()) {
      for (int workers = 1; workers <= 2; workers++) {
        try (KernelBench bench = new KernelBench(target, specs, workers)) {
          for (CompareSpec spec : specs) {
            check(bench, spec, ROWS, ROWS);
            check(bench, spec, ROWS, ROWS / 2);
            check(bench, spec, ROWS / 2, ROWS / 2);
          }
        }
      }
    }
  }

  private void check(KernelBench bench, CompareSpec spec, int valueRows, int baseRows) {
    int channels = spec.channels();
    float[] value = KernelBench.random(random, valueRows * channels);
    float[] base = KernelBench.random(random, baseRows * channels);
    float[] before = KernelBench.random(random, ROWS * channels);
    KernelBench.Memory held = bench.memory(before, 4);
    KernelBench.Memory sums = bench.memory(new float[ROWS * SUMS], 4);
    KernelLaunch.Builder launch =
        bench.launch(spec).pointer(bench.memory(value, 4).address());
    if (spec.hasBase()) {
      launch.pointer(bench.memory(base, 4).address());
    }
    bench.run(
        launch
            .pointer(held.address())
            .pointer(sums.address())
            .integer(valueRows)
            .integer(baseRows),
        ROWS);
    float[] found = sums.floats();
    float[] stored = held.floats();
    for (int row = 0; row < ROWS; row++) {
      double[] expected = new double[SUMS];
      for (int c = 0; c < channels; c++) {
        double from = spec.hasBase() ? base[row % baseRows * channels + c] : 0;
        double p = value[row % valueRows * channels + c] - from;
        double old = before[row * channels + c];
        expected[0] += p * old;
        expected[1] += p * p;
        expected[2] += old * old;
        expected[3] += Math.abs(p - old);
        expected[4] += Math.abs(old);
        assertThat(stored[row * channels + c]).isEqualTo((float) p);
      }
      for (int i = 0; i < SUMS; i++) {
        assertThat((double) found[SUMS * row + i])
            .as("sum %d of row %d, %s", i, row, spec)
            .isCloseTo(expected[i], within(1e-5 * (1 + expected[2] + expected[1])));
      }
    }
  }
}
