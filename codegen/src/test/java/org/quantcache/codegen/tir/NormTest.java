package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantcache.kernels.cpu.KernelLaunch;

/** Layer norm and modulation against plain arithmetic in double. */
@Tag("numerics")
class NormTest {
  private static final double EPSILON = 1e-6;
  private static final int[] CHANNELS = {1, 7, 8, 16, 24, 33, 64, 100, 128, 1152};

  private final Random random = new Random(11);

  @Test
  void agreesWithPlainArithmeticForEveryWidth() {
    List<NormSpec> specs = new ArrayList<>();
    for (int channels : CHANNELS) {
      specs.add(new NormSpec(channels, EPSILON, false));
      specs.add(new NormSpec(channels, EPSILON, true));
    }
    for (CpuTarget target : KernelBench.targets()) {
      for (int workers = 1; workers <= 2; workers++) {
        try (KernelBench bench = new KernelBench(target, specs, workers)) {
          for (NormSpec spec : specs) {
            check(bench, spec, 2, 3, 5, 2, 3);
            check(bench, spec, 4, 2, 1, 2, 1);
            check(bench, spec, 1, 1, 1, 1, 1);
          }
        }
      }
    }
  }

  /** {@code samples x frames x places} rows; a table of {@code tableSamples x tableFrames} rows. */
  private void check(
      KernelBench bench,
      NormSpec spec,
      int samples,
      int frames,
      int places,
      int tableSamples,
      int tableFrames) {
    int channels = spec.channels();
    int rows = samples * frames * places;
    float[] x = KernelBench.random(random, rows * channels);
    float[] shift = KernelBench.random(random, tableSamples * tableFrames * channels);
    float[] scale = KernelBench.random(random, tableSamples * tableFrames * channels);
    KernelBench.Memory y = bench.memory(new float[rows * channels], 4);
    KernelLaunch.Builder launch =
        bench.launch(spec).pointer(bench.memory(x, 4).address()).pointer(y.address());
    if (spec.modulated()) {
      launch
          .pointer(bench.memory(shift, 4).address())
          .pointer(bench.memory(scale, 4).address())
          .integer((long) frames * places)
          .integer(places)
          .integer(tableSamples)
          .integer(tableFrames);
    }
    bench.run(launch, rows);
    double[] expected = new double[rows * channels];
    for (int r = 0; r < rows; r++) {
      int table = r / (frames * places) % tableSamples * tableFrames + r / places % tableFrames;
      normed(x, r * channels, channels, expected);
      for (int c = 0; c < channels && spec.modulated(); c++) {
        int at = table * channels + c;
        expected[r * channels + c] =
            expected[r * channels + c] * (1 + (double) scale[at]) + shift[at];
      }
    }
    // A single channel is always its own mean: only rounding is left of it, and epsilon decides its
    // size.
    KernelBench.assertClose(spec.functionName() + " rows " + rows, y.floats(), expected, 3e-6);
  }

  private static void normed(float[] x, int at, int channels, double[] into) {
    double mean = 0;
    for (int c = 0; c < channels; c++) {
      mean += (double) x[at + c] / channels;
    }
    double variance = 0;
    for (int c = 0; c < channels; c++) {
      variance += (x[at + c] - mean) * (x[at + c] - mean) / channels;
    }
    for (int c = 0; c < channels; c++) {
      into[at + c] = (x[at + c] - mean) / Math.sqrt(variance + EPSILON);
    }
  }
}
