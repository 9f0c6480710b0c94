package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.kernels.cpu.KernelLaunch;

/** What a probe measures, against plain arithmetic in double. */
class ProbeTest {
  private static final int SAMPLES = 2;

  private final Random random = new Random(5);

  @Test
  void agreesWithPlainArithmetic() {
    List<ProbeSpec> specs = new ArrayList<>();
    for (int channels : new int[] {1, 7, 16, 33, 64, 128}) {
      for (boolean based : new boolean[] {true, false}) {
        specs.add(new ProbeSpec(3, 2, channels, based));
        specs.add(new ProbeSpec(1, 5, channels, based));
      }
    }
    for (CpuTarget target : KernelBench.targets()) {
      for (int workers = 1; workers <= 2; workers++) {
        try (KernelBench bench = new KernelBench(target, specs, workers)) {
          specs.forEach(spec -> check(bench, spec));
        }
      }
    }
  }

  private void check(KernelBench bench, ProbeSpec spec) {
    int channels = spec.channels();
    int rows = SAMPLES * spec.frames() * spec.places();
    float[] value = KernelBench.random(random, rows * channels);
    float[] base =
        spec.based() ? KernelBench.random(random, rows * channels) : new float[rows * channels];
    float[] before = KernelBench.random(random, rows * channels);
    KernelBench.Memory previous = bench.memory(before, 4);
    KernelBench.Memory sums = bench.memory(new float[rows * 4], 4);
    KernelLaunch.Builder launch =
        bench.launch(spec).pointer(bench.memory(value, 4).address());
    if (spec.based()) {
      launch.pointer(bench.memory(base, 4).address());
    }
    bench.run(launch.pointer(previous.address()).pointer(sums.address()), rows);
    float[] found = sums.floats();
    for (int row = 0; row < rows; row++) {
      double[] expected = new double[4];
      boolean hasEarlier = row / spec.places() % spec.frames() > 0;
      for (int c = 0; c < channels; c++) {
        int at = row * channels + c;
        double p = (double) value[at] - base[at];
        expected[0] += Math.abs(p - before[at]);
        expected[1] += Math.abs(before[at]);
        if (hasEarlier) {
          int earlier = at - spec.places() * channels;
          double q = (double) value[earlier] - base[earlier];
          expected[2] += Math.abs(p - q);
          expected[3] += Math.abs(p) + Math.abs(q);
        }
      }
      for (int i = 0; i < 4; i++) {
        assertThat((double) found[4 * row + i])
            .as("sum %d of row %d, %s", i, row, spec)
            .isCloseTo(expected[i], within(1e-5 * (1 + expected[i])));
      }
    }
    float[] stored = previous.floats();
    for (int i = 0; i < stored.length; i++) {
      assertThat(stored[i]).isEqualTo(value[i] - base[i]);
    }
  }
}
