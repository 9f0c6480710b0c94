package org.quantcache.codegen.cuda;

import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.executor.TotalForm;
import org.quantcache.codegen.tir.CompareSpec;
import org.quantcache.codegen.tir.ProbeSpec;
import org.quantcache.ir.types.ScalarType;

/** What probes measure, against plain arithmetic in double. */
class MeasureKernelsTest {
  private final Random random = new Random(6);

  private static List<ScalarType> types(boolean based) {
    return based ? List.of(BF16, F32, F32, F32) : List.of(BF16, F32, F32);
  }

  @Test
  void probesOfGuards() {
    Map<CudaKernel, ProbeSpec> specs = new LinkedHashMap<>();
    for (int channels : new int[] {1, 33, 128}) {
      for (boolean based : new boolean[] {true, false}) {
        ProbeSpec spec = new ProbeSpec(3, 2, channels, based);
        specs.put(MeasureKernels.of(spec, types(based)), spec);
      }
    }
    try (CudaBench bench = new CudaBench(specs.keySet())) {
      specs.forEach((kernel, spec) -> check(bench, kernel, spec));
    }
  }

  private void check(CudaBench bench, CudaKernel kernel, ProbeSpec spec) {
    int channels = spec.channels();
    int rows = 2 * spec.frames() * spec.places();
    CudaBench.Elements value = bench.random(random, BF16, rows * channels, 1);
    CudaBench.Elements base = bench.random(random, F32, rows * channels, 1);
    CudaBench.Elements previous = bench.random(random, F32, rows * channels, 1);
    CudaBench.Elements sums = bench.zeros(F32, 4 * rows);
    float[] p = value.floats();
    for (int i = 0; spec.based() && i < p.length; i++) {
      p[i] -= base.floats()[i];
    }
    double[] expected = new double[4 * rows];
    float[] before = previous.floats();
    for (int i = 0; i < p.length; i++) {
      int to = i / channels * 4;
      expected[to] += Math.abs((double) p[i] - before[i]);
      expected[to + 1] += Math.abs(before[i]);
      if (i / channels / spec.places() % spec.frames() > 0) {
        float earlier = p[i - spec.places() * channels];
        expected[to + 2] += Math.abs((double) p[i] - earlier);
        expected[to + 3] += Math.abs(p[i]) + Math.abs(earlier);
      }
    }
    bench.run(kernel, rows, pointers(spec.based(), value, base, previous, sums), List.of());
    requireSums(kernel, sums, expected, channels);
    CudaBench.requireClose(kernel, previous.floats(), p, i -> 0);
  }

  @Test
  void probesOfLayers() {
    Map<CudaKernel, CompareSpec> specs = new LinkedHashMap<>();
    for (int channels : new int[] {1, 33, 128}) {
      for (boolean based : new boolean[] {true, false}) {
        CompareSpec spec = new CompareSpec(channels, based);
        specs.put(MeasureKernels.of(spec, types(based)), spec);
      }
    }
    try (CudaBench bench = new CudaBench(specs.keySet())) {
      specs.forEach((kernel, spec) -> check(bench, kernel, spec));
    }
  }

  /** Value and base have half and a third of the rows. */
  private void check(CudaBench bench, CudaKernel kernel, CompareSpec spec) {
    int channels = spec.channels();
    int rows = 12;
    CudaBench.Elements value = bench.random(random, BF16, rows / 2 * channels, 1);
    CudaBench.Elements base = bench.random(random, F32, rows / 3 * channels, 1);
    CudaBench.Elements held = bench.random(random, F32, rows * channels, 1);
    CudaBench.Elements sums = bench.zeros(F32, 5 * rows);
    float[] p = new float[rows * channels];
    float[] before = held.floats();
    double[] expected = new double[5 * rows];
    for (int i = 0; i < p.length; i++) {
      p[i] = value.floats()[i % (rows / 2 * channels)];
      p[i] -= spec.hasBase() ? base.floats()[i % (rows / 3 * channels)] : 0;
      int to = i / channels * 5;
      expected[to] += (double) p[i] * before[i];
      expected[to + 1] += (double) p[i] * p[i];
      expected[to + 2] += (double) before[i] * before[i];
      expected[to + 3] += Math.abs((double) p[i] - before[i]);
      expected[to + 4] += Math.abs(before[i]);
    }
    bench.run(
        kernel,
        rows,
        pointers(spec.hasBase(), value, base, held, sums),
        List.of(rows / 2, spec.hasBase() ? rows / 3 : rows / 2));
    requireSums(kernel, sums, expected, channels);
    CudaBench.requireClose(kernel, held.floats(), p, i -> 0);
  }

  @Test
  void totals() {
    int[] widths = {4, 5};
    List<CudaKernel> kernels = new ArrayList<>();
    for (int width : widths) {
      kernels.add(MeasureKernels.of(new TotalForm(width), List.of(F32, F32)));
    }
    try (CudaBench bench = new CudaBench(kernels)) {
      for (int at = 0; at < widths.length; at++) {
        for (int rows : new int[] {1, 31, 1024, 5000}) {
          checkTotal(bench, kernels.get(at), widths[at], rows);
        }
      }
    }
  }

  private void checkTotal(CudaBench bench, CudaKernel kernel, int width, int rows) {
    CudaBench.Elements sums = bench.random(random, F32, rows * width, 1);
    CudaBench.Elements total = bench.zeros(F32, width);
    float[] read = sums.floats();
    float[] expected = new float[width];
    for (int i = 0; i < width; i++) {
      double exact = 0;
      for (int at = i; at < read.length; at += width) {
        exact += read[at];
      }
      expected[i] = (float) exact;
    }
    bench.run(kernel, 1, List.of(sums, total), List.of(rows));
    CudaBench.requireClose(kernel, total.floats(), expected, i -> 1e-6 * rows);
    CudaBench.requireClose(kernel, sums.floats(), read, i -> 0);
  }

  private static List<CudaBench.Elements> pointers(
      boolean based,
      CudaBench.Elements value,
      CudaBench.Elements base,
      CudaBench.Elements kept,
      CudaBench.Elements sums) {
    List<CudaBench.Elements> out = new ArrayList<>(List.of(value, kept, sums));
    if (based) {
      out.add(1, base);
    }
    return out;
  }

  private static void requireSums(
      CudaKernel kernel, CudaBench.Elements sums, double[] expected, int channels) {
    float[] rounded = new float[expected.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) expected[i];
    }
    CudaBench.requireClose(kernel, sums.floats(), rounded, i -> 2e-6 * channels);
  }
}
