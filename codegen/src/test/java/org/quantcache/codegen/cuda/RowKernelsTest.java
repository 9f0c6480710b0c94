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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.NormSpec;
import org.quantcache.codegen.tir.QuantRowsSpec;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.quant.RowQuantizer;
import org.quantcache.kernels.quant.RowQuantizer.Grid;

/** Rounded rows are those of {@link RowQuantizer} to the last bit; norms agree with plain arithmetic in double. */
class RowKernelsTest {
  private static final double EPSILON = 1e-6;

  private final Random random = new Random(12);

  private static QuantRowsSpec plain(int channels, int hadamard, boolean perTensor) {
    return new QuantRowsSpec(
        channels, Prologue.NONE, 0, true, hadamard, perTensor ? 6 : 8, perTensor, perTensor);
  }

  private static CudaKernel kernel(QuantRowsSpec spec, ScalarType x) {
    List<ScalarType> types = new ArrayList<>(List.of(x, U8, F32));
    if (spec.prologue() == Prologue.NORM_MODULATE) {
      types.addAll(List.of(x, F32));
    }
    if (spec.inverse()) {
      types.add(F32);
    }
    if (spec.dynamic()) {
      types.add(I32);
    }
    return RowKernels.of(spec, types);
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
    for (int[] size : sizes) {
      QuantRowsSpec rows = plain(size[0], size[1], false);
      QuantRowsSpec tensor = plain(size[0], size[1], true);
      specs.put(kernel(rows, F32), rows);
      specs.put(kernel(rows, BF16), rows);
      specs.put(kernel(tensor, BF16), tensor);
      if (size[0] % 2 == 0) {
        QuantRowsSpec pairs = new QuantRowsSpec(
            size[0], Prologue.NONE, 0, true, size[1], 4, 4, size[0] % 3 == 0, size[0] == 130);
        specs.put(kernel(pairs, F32), pairs);
        specs.put(kernel(pairs, BF16), pairs);
      }
    }
    try (CudaBench bench = new CudaBench(specs.keySet())) {
      specs.forEach((kernel, spec) -> {
        ScalarType x = kernel.name().endsWith("_bf16") ? BF16 : F32;
        for (int rows : new int[] {1, 3, 19}) {
          check(bench, kernel, spec, bench.elements(x, input(rows, spec.channels())), rows);
        }
      });
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
    boolean pairs = spec.cellBits() == 4;
    CudaBench.Elements values = bench.zeros(U8, rows * channels / (pairs ? 2 : 1));
    CudaBench.Elements range = bench.zeros(F32, spec.perTensor() ? 2 : 2 * rows);
    CudaBench.Elements factors = bench.random(random, F32, channels, 1);
    List<CudaBench.Elements> pointers = new ArrayList<>(List.of(x, values, range, factors));
    if (spec.dynamic()) {
      pointers.add(bench.elements(I32, asked));
    }
    bench.run(kernel, spec.workItems(rows), pointers, List.of(rows));

    int bits = spec.dynamic() ? Math.min(Math.max(asked, 2), spec.bits()) : spec.bits();
    float[] prepared = x.floats();
    float[] balance = factors.floats();
    for (int row = 0; row < rows; row++) {
      float[] one = Arrays.copyOfRange(prepared, row * channels, (row + 1) * channels);
      RowQuantizer.prepare(one, channels, balance, spec.hadamard());
      System.arraycopy(one, 0, prepared, row * channels, channels);
    }
    float[] expected = new float[rows * channels];
    float[] grids = new float[spec.perTensor() ? 2 : 2 * rows];
    int share = spec.perTensor() ? rows * channels : channels;
    for (int first = 0; first < expected.length; first += share) {
      Grid grid = RowQuantizer.grid(prepared, first, share, bits);
      grids[first / share * 2] = grid.step();
      grids[first / share * 2 + 1] = grid.least();
      for (int i = first; i < first + share; i++) {
        expected[i] = grid.value(prepared[i]);
      }
    }
    CudaBench.requireClose(kernel, range.floats(), grids, i -> 0);
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
  void aPrologueMovesValuesByOneAtMost() {
    Map<CudaKernel, QuantRowsSpec> specs = new LinkedHashMap<>();
    for (int channels : new int[] {5, 128, 1152, 4480}) {
      for (Prologue prologue : List.of(Prologue.GELU, Prologue.NORM_MODULATE)) {
        double epsilon = prologue == Prologue.GELU ? 0 : EPSILON;
        int block = channels % 128 == 0 ? 128 : 0;
        QuantRowsSpec spec =
            new QuantRowsSpec(channels, prologue, epsilon, false, block, 8, false, false);
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
        norm ? List.of(rows, 3, 1, 2, 1) : List.of(rows));
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
