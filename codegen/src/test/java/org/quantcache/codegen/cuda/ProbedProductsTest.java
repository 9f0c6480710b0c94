package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.Epilogue.Probe;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cuda.KernelGeometry;

/** What products with a probe hold and add up of the results that they store, in tiles of 8 rows and 32 columns. */
class ProbedProductsTest {
  private static final int ROWS = 150;
  private static final int RESIDUAL_ROWS = 75;

  private final Random random = new Random(8);

  private static Epilogue epilogue(Probe probe) {
    return new Epilogue(false, Activation.NONE, false, true).with(probe);
  }

  /** A product: columns of its result, its epilogue, kinds of the result, the residual and what is held. */
  private record Case(int n, Epilogue epilogue, List<ScalarType> kinds) {}

  @Test
  void halves() {
    Map<CudaKernel, Case> cases = new LinkedHashMap<>();
    Map<CudaKernel, Integer> depths = new LinkedHashMap<>();
    int[][] sizes = {{32, 24}, {64, 40}, {96, 130}, {672, 424}};
    for (int[] size : sizes) {
      for (Probe probe : List.of(Probe.VALUE, Probe.ADDEND)) {
        Case one = new Case(size[0], epilogue(probe), List.of(BF16, BF16, BF16));
        GemmSpec spec = new GemmSpec(size[0], size[1], WeightStorage.BF16, one.epilogue());
        CudaKernel kernel = ProductKernels.of(spec, List.of(BF16, BF16, BF16, BF16, BF16, F32));
        cases.put(kernel, one);
        depths.put(kernel, size[1]);
      }
    }
    run(cases, (device, kernel, one) -> {
      CudaBench bench = device.bench();
      int k = depths.get(kernel);
      check(
          device,
          kernel,
          one,
          List.of(
              bench.random(random, BF16, ROWS * k, 1),
              bench.tiles(one.n(), k, gaussian(one.n() * k))),
          List.of(),
          List.of(ROWS));
    });
  }

  @Test
  void bytes() {
    Map<CudaKernel, Case> cases = new LinkedHashMap<>();
    Map<CudaKernel, IntegerGemmSpec> specs = new LinkedHashMap<>();
    int[][] sizes = {
      {64, 40, 8, 40},
      {672, 424, 4, 424},
      {672, 448, 8, 448},
      {672, 448, 4, 448},
      {672, 512, 4, 128}
    };
    for (int[] size : sizes) {
      Case one = new Case(size[0], epilogue(Probe.ADDEND), List.of(F32, BF16, BF16));
      IntegerGemmSpec spec =
          new IntegerGemmSpec(size[0], size[1], 8, size[2], size[2], size[3], one.epilogue());
      CudaKernel kernel =
          ProductKernels.of(spec, List.of(U8, F32, I8, F32, I32, F32, BF16, BF16, F32));
      cases.put(kernel, one);
      specs.put(kernel, spec);
    }
    run(cases, (device, kernel, one) -> {
      CudaBench bench = device.bench();
      IntegerGemmSpec spec = specs.get(kernel);
      int groups = spec.k() / spec.group();
      check(
          device,
          kernel,
          one,
          List.of(
              bench.elements(U8, whole(ROWS * spec.k())),
              bench.random(random, F32, 2 * ROWS, 0.1f),
              weight(bench, one.n(), spec),
              bench.random(random, F32, one.n() * groups, 0.01f)),
          List.of(bench.elements(I32, whole(one.n() * groups))),
          List.of(ROWS, 2));
    });
  }

  /** Bytes of any value; in tiles, but for groups of channels. */
  private CudaBench.Elements weight(CudaBench bench, int n, IntegerGemmSpec spec) {
    if (spec.group() < spec.k()) {
      return bench.elements(I8, whole(n * spec.k() * spec.cellBits() / 8));
    }
    float[] values = new float[n * spec.k()];
    int range = 1 << spec.cellBits();
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(range) - range / 2;
    }
    return bench.tiles(n, spec.k(), spec.cellBits(), values);
  }

  private float[] gaussian(int count) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  /** Runs one case on a device. */
  private interface Run {
    void on(Device device, CudaKernel kernel, Case one);
  }

  /** A device, and the geometry that kernels have on it. */
  private record Device(CudaBench bench, Function<CudaKernel, KernelGeometry> geometry) {}

  /** Runs all cases on a card of warps, and those that have code for it on one of warpgroups. */
  private static void run(Map<CudaKernel, Case> cases, Run run) {
    try (CudaBench bench = new CudaBench(cases.keySet())) {
      Device device = new Device(bench, kernel -> kernel.geometry().get(0));
      cases.forEach((kernel, one) -> run.on(device, kernel, one));
    }
    List<CudaKernel> some = cases.keySet().stream()
        .filter(kernel -> kernel.warpgroups().isPresent())
        .toList();
    assertThat(some).isNotEmpty();
    try (CudaBench bench = CudaBench.ofWarpgroups(some)) {
      Device device = new Device(bench, kernel -> kernel.warpgroups().orElseThrow());
      some.forEach(kernel -> run.on(device, kernel, cases.get(kernel)));
    }
  }

  private float[] whole(int count) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = random.nextInt(200);
    }
    return out;
  }

  /**
   * Runs the product and holds what it leaves to what it stored.
   *
   * @param operands in front of the result; {@code further} come behind them
   */
  private void check(
      Device device,
      CudaKernel kernel,
      Case one,
      List<CudaBench.Elements> operands,
      List<CudaBench.Elements> further,
      List<Integer> numbers) {
    CudaBench bench = device.bench();
    int n = one.n();
    int across = n / 32;
    int tiles = (ROWS + 7) / 8 * across;
    CudaBench.Elements result = bench.zeros(one.kinds().get(0), ROWS * n);
    CudaBench.Elements residual = bench.random(random, one.kinds().get(1), RESIDUAL_ROWS * n, 1);
    CudaBench.Elements held = bench.random(random, one.kinds().get(2), ROWS * n, 1);
    CudaBench.Elements sums = bench.zeros(F32, 5 * tiles);
    float[] before = held.floats();
    List<CudaBench.Elements> pointers = new ArrayList<>(operands);
    pointers.addAll(further);
    pointers.addAll(List.of(result, residual, held, sums));
    List<Integer> all = new ArrayList<>(numbers);
    all.add(RESIDUAL_ROWS);

    bench.run(kernel, device.geometry().apply(kernel), ROWS, pointers, all);

    float[] stored = result.floats();
    float[] base = residual.floats();
    float[] p = new float[stored.length];
    float[] heldNow = new float[stored.length];
    double[] expected = new double[5 * tiles];
    double[] size = new double[tiles];
    for (int i = 0; i < p.length; i++) {
      boolean ofAddend = one.epilogue().probe() == Probe.ADDEND;
      p[i] = stored[i] - (ofAddend ? base[i % base.length] : 0);
      heldNow[i] = CudaBench.rounded(one.kinds().get(2), p[i]);
      int tile = i / n / 8 * across + i % n / 32;
      double[] terms = {
        (double) p[i] * before[i],
        (double) p[i] * p[i],
        (double) before[i] * before[i],
        Math.abs((double) p[i] - before[i]),
        Math.abs(before[i])
      };
      for (int term = 0; term < 5; term++) {
        expected[5 * tile + term] += terms[term];
        size[tile] += Math.abs(terms[term]);
      }
    }
    float[] rounded = new float[expected.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) expected[i];
    }
    CudaBench.requireClose(kernel, sums.floats(), rounded, i -> 1e-5 * size[i / 5]);
    CudaBench.requireClose(kernel, held.floats(), heldNow, i -> 0);
  }
}
