package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.U8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.GridSpec;
import org.quantcache.codegen.tir.NormSpec;
import org.quantcache.codegen.tir.QuantRowsSpec;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.quant.RowQuantizer;
import org.quantcache.kernels.quant.RowQuantizer.Grid;

/** Rounded rows are those of {@link RowQuantizer} to the last bit; norms agree with plain arithmetic in double. */
@Tag("numerics")
class RowKernelsTest {
  private static final double EPSILON = 1e-6;

  private final Random random = new Random(12);

  private static QuantRowsSpec plain(int channels, int hadamard) {
    return new QuantRowsSpec(channels, Prologue.NONE, 0, true, hadamard, 8, false, Part.ROWS);
  }

  private static CudaKernel kernel(QuantRowsSpec spec, ScalarType x) {
    List<ScalarType> types = new ArrayList<>(List.of(x));
    if (spec.part() != Part.EXTREMES) {
      types.add(U8);
    }
    if (spec.part() != Part.ROUND) {
      types.add(F32);
    }
    if (spec.prologue() == Prologue.NORM_MODULATE) {
      types.addAll(List.of(x, F32));
    }
    if (spec.inverse()) {
      types.add(F32);
    }
    if (spec.part() == Part.ROUND) {
      types.add(F32);
    }
    if (spec.dynamic()) {
      types.add(I32);
    }
    return RowKernels.of(spec, types);
  }

  /** The three launches that round rows on one grid. */
  private record SharedGrid(
      QuantRowsSpec spec, CudaKernel extremes, CudaKernel grid, CudaKernel round) {
    static SharedGrid of(
        int channels,
        Prologue prologue,
        boolean inverse,
        int hadamard,
        int bits,
        boolean dynamic,
        ScalarType x) {
      double epsilon = prologue == Prologue.NORM_MODULATE ? EPSILON : 0;
      QuantRowsSpec spec = new QuantRowsSpec(
          channels, prologue, epsilon, inverse, hadamard, bits, dynamic, Part.ROUND);
      QuantRowsSpec extremes = new QuantRowsSpec(
          channels, prologue, epsilon, inverse, hadamard, 0, false, Part.EXTREMES);
      return new SharedGrid(
          spec,
          kernel(extremes, x),
          RowKernels.of(
              new GridSpec(bits, dynamic), dynamic ? List.of(F32, F32, I32) : List.of(F32, F32)),
          kernel(spec, x));
    }

    /** @param tables what rows are prepared with: [shift, scale], [inverse] */
    void run(
        CudaBench bench,
        int rows,
        CudaBench.Elements x,
        CudaBench.Elements values,
        CudaBench.Elements range,
        List<CudaBench.Elements> tables,
        List<CudaBench.Elements> bits) {
      List<Integer> groups =
          spec.prologue() == Prologue.NORM_MODULATE ? List.of(rows, rows, 1, 1) : List.of();
      CudaBench.Elements pairs = bench.zeros(F32, 2 * rows);
      bench.run(extremes, rows, concat(List.of(x, pairs), tables), groups);
      bench.run(grid, 1, concat(List.of(pairs, range), bits), List.of(rows));
      List<CudaBench.Elements> pointers = concat(List.of(x, values), tables);
      bench.run(round, rows, concat(concat(pointers, List.of(range)), bits), groups);
    }

    private static List<CudaBench.Elements> concat(
        List<CudaBench.Elements> first, List<CudaBench.Elements> second) {
      return Stream.concat(first.stream(), second.stream()).toList();
    }
  }

  @Test
  void valuesAndRangesAreThoseOfTheDefinition() {
    int[][] sizes = {
      {1, 0},
      {5, 0},
      {16, 16},
      {72, 8},
      {128, 128},
      {130, 2},
      {384, 128},
      {512, 256},
      {1152, 128},
      {1024, 1024}
    };
    Map<CudaKernel, QuantRowsSpec> specs = new LinkedHashMap<>();
    Map<String, SharedGrid> shared = new LinkedHashMap<>();
    for (int[] size : sizes) {
      QuantRowsSpec rows = plain(size[0], size[1]);
      specs.put(kernel(rows, F32), rows);
      specs.put(kernel(rows, BF16), rows);
      SharedGrid steps = SharedGrid.of(size[0], Prologue.NONE, true, size[1], 6, true, BF16);
      shared.put(steps.round().name(), steps);
      if (size[0] % 2 == 0) {
        boolean dynamic = size[0] % 3 == 0;
        QuantRowsSpec pairs =
            new QuantRowsSpec(size[0], Prologue.NONE, 0, true, size[1], 4, 4, dynamic, Part.ROWS);
        specs.put(kernel(pairs, F32), pairs);
        specs.put(kernel(pairs, BF16), pairs);
      }
    }
    Set<CudaKernel> kernels = new LinkedHashSet<>(specs.keySet());
    shared.values().forEach(s -> kernels.addAll(List.of(s.extremes(), s.grid(), s.round())));
    try (CudaBench bench = new CudaBench(kernels)) {
      for (int rows : new int[] {1, 3, 19}) {
        specs.forEach((kernel, spec) -> {
          ScalarType x = kernel.name().endsWith("_bf16") ? BF16 : F32;
          check(bench, kernel, spec, bench.elements(x, input(rows, spec.channels())), rows);
        });
        shared.values().forEach(steps -> {
          float[] x = input(rows, steps.spec().channels());
          check(bench, steps, bench.elements(BF16, x), rows);
        });
      }
    }
  }

  private float[] input(int rows, int channels) {
    float[] sizes = {1, 1e-30f, 1e35f, 1e-43f, 0};
    float[] x = new float[rows * channels];
    for (int i = 0; i < x.length; i++) {
      int row = i / channels;
      x[i] = row % 7 == 3 ? row : (float) random.nextGaussian() * sizes[row % sizes.length];
    }
    return x;
  }

  private void check(
      CudaBench bench, CudaKernel kernel, QuantRowsSpec spec, CudaBench.Elements x, int rows) {
    int channels = spec.channels();
    int asked = random.nextInt(10);
    CudaBench.Elements values = bench.zeros(U8, rows * channels * spec.cellBits() / 8);
    CudaBench.Elements range = bench.zeros(F32, 2 * rows);
    CudaBench.Elements factors = bench.random(random, F32, channels, 1);
    List<CudaBench.Elements> pointers = new ArrayList<>(List.of(x, values, range, factors));
    if (spec.dynamic()) {
      pointers.add(bench.elements(I32, asked));
    }
    bench.run(kernel, rows, pointers, List.of());
    int bits = spec.dynamic() ? Math.min(Math.max(asked, 2), spec.bits()) : spec.bits();
    requireExact(kernel, spec, x, factors, bits, values, range);
  }

  private void check(CudaBench bench, SharedGrid steps, CudaBench.Elements x, int rows) {
    int asked = random.nextInt(10);
    int channels = steps.spec().channels();
    CudaBench.Elements values = bench.zeros(U8, rows * channels);
    CudaBench.Elements range = bench.zeros(F32, 2);
    CudaBench.Elements factors = bench.random(random, F32, channels, 1);
    steps.run(bench, rows, x, values, range, List.of(factors), List.of(bench.elements(I32, asked)));
    int bits = Math.min(Math.max(asked, 2), steps.spec().bits());
    requireExact(steps.round(), steps.spec(), x, factors, bits, values, range);
  }

  private static void requireExact(
      CudaKernel kernel,
      QuantRowsSpec spec,
      CudaBench.Elements x,
      CudaBench.Elements factors,
      int bits,
      CudaBench.Elements values,
      CudaBench.Elements range) {
    int channels = spec.channels();
    float[] prepared = x.floats();
    for (int first = 0; first < prepared.length; first += channels) {
      float[] one = Arrays.copyOfRange(prepared, first, first + channels);
      RowQuantizer.prepare(one, channels, factors.floats(), spec.hadamard());
      System.arraycopy(one, 0, prepared, first, channels);
    }
    float[] found = range.floats();
    float[] expected = new float[prepared.length];
    float[] grids = new float[found.length];
    int share = 2 * expected.length / found.length;
    for (int first = 0; first < expected.length; first += share) {
      Grid grid = RowQuantizer.grid(prepared, first, share, bits);
      grids[first / share * 2] = grid.step();
      grids[first / share * 2 + 1] = grid.least();
      for (int i = first; i < first + share; i++) {
        expected[i] = grid.value(prepared[i]);
      }
    }
    boolean pairs = spec.cellBits() == 4;
    CudaBench.requireClose(kernel, found, grids, i -> 0);
    CudaBench.requireClose(kernel, values.floats(), pairs ? pairs(expected) : expected, i -> 0);
  }

  private static float[] pairs(float[] values) {
    float[] out = new float[values.length / 2];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[2 * i] + 16 * values[2 * i + 1];
    }
    return out;
  }

  @Test
  void oneGridIsTheSameInAnyOrderOfBlocks() {
    List<SharedGrid> all = new ArrayList<>();
    for (Prologue prologue : Prologue.values()) {
      for (int bits : new int[] {4, 6, 8}) {
        all.add(SharedGrid.of(
            bits == 6 ? 130 : 1152, prologue, bits == 4, bits == 6 ? 2 : 128, bits, false, BF16));
      }
    }
    Set<CudaKernel> kernels = new LinkedHashSet<>();
    all.forEach(s -> kernels.addAll(List.of(s.extremes(), s.grid(), s.round())));
    int rows = 41;
    try (CudaBench bench = new CudaBench(kernels)) {
      for (SharedGrid steps : all) {
        int channels = steps.spec().channels();
        CudaBench.Elements x = bench.random(random, BF16, rows * channels, 2);
        List<CudaBench.Elements> tables = new ArrayList<>();
        if (steps.spec().prologue() == Prologue.NORM_MODULATE) {
          tables.add(bench.random(random, BF16, channels, 1));
          tables.add(bench.random(random, F32, channels, 0.3f));
        }
        if (steps.spec().inverse()) {
          tables.add(bench.random(random, F32, channels, 1));
        }
        float[] first = null;
        for (long seed = 1; seed <= 4; seed++) {
          EmulatedDriver.setSeed(seed);
          CudaBench.Elements values = bench.zeros(U8, rows * channels);
          CudaBench.Elements range = bench.zeros(F32, 2);
          steps.run(bench, rows, x, values, range, tables, List.of());
          float[] found = values.floats();
          first = first == null ? found : first;
          assertThat(found).as(steps.round().name()).isEqualTo(first);
          // Both ends of the grid are met.
          assertThat(found).contains(0, (1 << steps.spec().bits()) - 1);
        }
      }
    } finally {
      EmulatedDriver.setSeed(0);
    }
  }

  @Test
  void aPrologueMovesValuesByOneAtMost() {
    Map<CudaKernel, QuantRowsSpec> specs = new LinkedHashMap<>();
    for (int channels : new int[] {5, 128, 1152, 4480}) {
      for (Prologue prologue : List.of(Prologue.GELU, Prologue.NORM_MODULATE)) {
        double epsilon = prologue == Prologue.GELU ? 0 : EPSILON;
        int block = channels % 128 == 0 ? 128 : 0;
        QuantRowsSpec spec =
            new QuantRowsSpec(channels, prologue, epsilon, false, block, 8, false, Part.ROWS);
        specs.put(kernel(spec, BF16), spec);
      }
    }
    try (CudaBench bench = new CudaBench(specs.keySet())) {
      specs.forEach((kernel, spec) -> checkPrologue(bench, kernel, spec, 6));
    }
  }

  private void checkPrologue(CudaBench bench, CudaKernel kernel, QuantRowsSpec spec, int rows) {
    int channels = spec.channels();
    CudaBench.Elements x = bench.random(random, BF16, rows * channels, 2);
    CudaBench.Elements shift = bench.random(random, BF16, 2 * channels, 1);
    CudaBench.Elements scale = bench.random(random, F32, 2 * channels, 0.3f);
    CudaBench.Elements values = bench.zeros(U8, rows * channels);
    CudaBench.Elements range = bench.zeros(F32, 2 * rows);
    boolean norm = spec.prologue() == Prologue.NORM_MODULATE;
    bench.run(
        kernel,
        rows,
        norm ? List.of(x, values, range, shift, scale) : List.of(x, values, range),
        norm ? List.of(3, 1, 2, 1) : List.of());
    float[] expected = new float[rows * channels];
    float[] in = x.floats();
    float[] shifts = shift.floats();
    float[] scales = scale.floats();
    for (int row = 0; row < rows; row++) {
      float[] one = Arrays.copyOfRange(in, row * channels, (row + 1) * channels);
      if (norm) {
        one = normalized(one, shifts, scales, row / 3 % 2 * channels);
      } else {
        for (int k = 0; k < channels; k++) {
          double u = Math.sqrt(2 / Math.PI) * (one[k] + 0.044715 * Math.pow(one[k], 3));
          one[k] = (float) (one[k] / 2 * (1 + Math.tanh(u)));
        }
      }
      RowQuantizer.prepare(one, channels, new float[0], spec.hadamard());
      Grid grid = RowQuantizer.grid(one, 0, channels, 8);
      for (int k = 0; k < channels; k++) {
        expected[row * channels + k] = grid.value(one[k]);
      }
    }
    CudaBench.requireClose(kernel, values.floats(), expected, i -> 1);
  }

  /** In double, modulated where there are tables. */
  private static float[] normalized(float[] x, float[] shift, float[] scale, int table) {
    double mean = 0;
    for (float value : x) {
      mean += (double) value / x.length;
    }
    double variance = 0;
    for (float value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    float[] out = new float[x.length];
    for (int k = 0; k < x.length; k++) {
      double value = (x[k] - mean) / Math.sqrt(variance + EPSILON);
      out[k] =
          (float) (shift.length == 0 ? value : value * (1 + scale[table + k]) + shift[table + k]);
    }
    return out;
  }

  @Test
  void normsAgreeWithPlainArithmetic() {
    Map<CudaKernel, NormSpec> specs = new LinkedHashMap<>();
    for (int channels : new int[] {1, 5, 72, 128, 130, 1152}) {
      NormSpec plain = new NormSpec(channels, EPSILON, false);
      NormSpec modulated = new NormSpec(channels, EPSILON, true);
      specs.put(RowKernels.of(plain, List.of(F32, F32)), plain);
      specs.put(RowKernels.of(modulated, List.of(BF16, F32, F32, BF16)), modulated);
    }
    try (CudaBench bench = new CudaBench(specs.keySet())) {
      specs.forEach((kernel, spec) -> {
        int channels = spec.channels();
        int rows = 30;
        CudaBench.Elements x =
            bench.random(random, spec.modulated() ? BF16 : F32, rows * channels, 3);
        CudaBench.Elements y = bench.zeros(F32, rows * channels);
        CudaBench.Elements shift = bench.random(random, F32, 6 * channels, 1);
        CudaBench.Elements scale = bench.random(random, BF16, 6 * channels, 1);
        // Two samples of three frames of five rows, each frame with its own row of the tables.
        bench.run(
            kernel,
            rows,
            spec.modulated() ? List.of(x, y, shift, scale) : List.of(x, y),
            spec.modulated() ? List.of(15, 5, 2, 3) : List.of());
        float[] expected = new float[rows * channels];
        for (int row = 0; row < rows; row++) {
          float[] one = Arrays.copyOfRange(x.floats(), row * channels, (row + 1) * channels);
          float[] tables = spec.modulated() ? shift.floats() : new float[0];
          float[] out = normalized(one, tables, scale.floats(), row / 5 * channels);
          System.arraycopy(out, 0, expected, row * channels, channels);
        }
        CudaBench.requireClose(
            kernel, y.floats(), expected, i -> 1e-5 * (1 + Math.abs(expected[i])));
      });
    }
  }

  @Test
  void blocksHaveWholeWarpsAndFewIdleThreads() {
    assertThat(RowLayout.of(1152, BF16, 256)).isEqualTo(new RowLayout(1152, 8, 72, 4));
    assertThat(RowLayout.of(1152, BF16, 256).blockThreads()).isEqualTo(288);
    assertThat(RowLayout.of(4608, F32, 256)).isEqualTo(new RowLayout(4608, 4, 288, 1));
    assertThat(RowLayout.of(128, F32, 256)).isEqualTo(new RowLayout(128, 4, 8, 32));
    assertThat(RowLayout.of(130, BF16, 256)).isEqualTo(new RowLayout(130, 1, 32, 8));
    assertThat(RowLayout.of(16384, BF16, 256).blockThreads()).isEqualTo(1024);
    assertThat(RowLayout.of(20000, BF16, 256)).isEqualTo(new RowLayout(20000, 1, 1024, 1));
  }

  @Test
  void rotationsWithinAWarpNeedNoSharedMemory() {
    RowLayout wide = RowLayout.of(1024, BF16, 256);
    assertThat(wide.hadamardBytes(0)).isZero();
    assertThat(wide.hadamardBytes(512)).isZero();
    assertThat(wide.hadamardBytes(1024)).isEqualTo(4 * 16 * 256);
    assertThat(RowLayout.of(72, F32, 256).hadamardBytes(8)).isEqualTo(4 * 72 * 8);
  }

  @Test
  void namesTellKindsOfActivationsApart() {
    NormSpec spec = new NormSpec(128, EPSILON, false);
    assertThat(RowKernels.of(spec, List.of(F32, F32)).name()).isEqualTo("layer_norm_c128_1_0Em6");
    assertThat(RowKernels.of(spec, List.of(BF16, BF16)).name())
        .isEqualTo("layer_norm_c128_1_0Em6_bf16");
    assertThat(RowKernels.of(spec, List.of(F32, BF16)).name())
        .isEqualTo("layer_norm_c128_1_0Em6_f32_bf16");
    assertThatThrownBy(() -> RowKernels.of(spec, List.of(F32)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 pointers gets 1 kinds");
  }
}
