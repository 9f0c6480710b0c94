package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.codegen.cuda.CudaBench.Elements;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** Code for warpgroups under emulation, which reads tiles as their descriptors say and lets copies and products be late. */
class WarpgroupProductsTest {
  private static final Epilogue BIAS = new Epilogue(true, Activation.NONE, false, false);

  /** Tiles that are full and that are not, in rows, columns and depth; one step of a ring, and several rounds. */
  @ParameterizedTest
  @CsvSource({
    "300, 576, 464, 1",
    "129, 640, 1000, 2",
    "128, 5000, 56, 3",
    "1, 192, 1408, 4",
    "20, 33000, 8, 5"
  })
  void halves(int rows, int n, int k, int seed) {
    GemmSpec spec =
        new GemmSpec(n, k, WeightStorage.BF16, new Epilogue(true, Activation.NONE, false, false));
    CudaKernel kernel = ProductKernels.of(spec, List.of(BF16, BF16, F32, F32));
    KernelGeometry geometry = kernel.warpgroups().orElseThrow();
    Random random = new Random(seed);
    try (CudaBench bench = CudaBench.ofWarpgroups(List.of(kernel))) {
      EmulatedDriver.setSeed(seed);
      Elements x = bench.random(random, BF16, rows * k, 1);
      Elements w = bench.random(random, BF16, n * k, 1);
      Elements bias = bench.random(random, F32, n, 10);
      Elements result = bench.zeros(F32, rows * n);
      Elements tiles = bench.tiles(n, k, w.floats());
      bench.run(kernel, geometry, rows, List.of(x, tiles, result, bias), List.of(rows));

      float[] a = x.floats();
      float[] b = w.floats();
      float[] added = bias.floats();
      float[] expected = new float[rows * n];
      for (int i = 0; i < rows * n; i++) {
        double sum = added[i % n];
        for (int j = 0; j < k; j++) {
          sum += (double) a[i / n * k + j] * b[i % n * k + j];
        }
        expected[i] = (float) sum;
      }
      CudaBench.requireClose(kernel, result.floats(), expected, i -> 1e-4 * Math.sqrt(k));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "300, 576, 464, 8, 1",
    "129, 640, 1008, 8, 2",
    "128, 5000, 64, 8, 3",
    "1, 192, 1408, 8, 4",
    "20, 16500, 16, 8, 9",
    "300, 576, 480, 4, 5",
    "300, 576, 464, 4, 11",
    "20, 16500, 16, 4, 10",
    "129, 640, 1024, 4, 6",
    "128, 5000, 64, 4, 7",
    "1, 192, 1408, 4, 8"
  })
  void bytesToTheBit(int rows, int n, int k, int cellBits, int seed) {
    bytesToTheBit(rows, n, k, cellBits, 8, seed);
  }

  @ParameterizedTest
  @CsvSource({"8", "4"})
  void everyOrderGivesTheSame(int cellBits) {
    for (int seed = 0; seed < 6; seed++) {
      bytesToTheBit(150, 576, 464, cellBits, 6, seed);
    }
  }

  /** Weights are brought ahead up to the last tile, behind which no row of tiles is left. */
  @Test
  void asManyRowsOfTilesAsGoThroughTheColumnsTogether() {
    bytesToTheBit(1024, 1408, 192, 4, 8, 1);
  }

  private static void bytesToTheBit(
      int rows, int n, int k, int cellBits, int activationBits, int seed) {
    IntegerGemmSpec spec = new IntegerGemmSpec(n, k, activationBits, cellBits, cellBits, BIAS);
    CudaKernel kernel = ProductKernels.of(spec, List.of(U8, F32, I8, F32, I32, F32, F32));
    KernelGeometry geometry = kernel.warpgroups().orElseThrow();
    Random random = new Random(seed);
    float[] values = new float[rows * k];
    float[] weights = new float[n * k];
    float[] sums = new float[n];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(1 << activationBits);
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = cellBits == 4 ? random.nextInt(16) - 8 : random.nextInt(255) - 127;
      sums[i / k] += weights[i];
    }
    try (CudaBench bench = CudaBench.ofWarpgroups(List.of(kernel))) {
      EmulatedDriver.setSeed(seed);
      Elements v = bench.elements(U8, values);
      Elements range = bench.random(random, F32, 2 * rows, 1);
      Elements w = bench.tiles(n, k, cellBits, weights);
      Elements scale = bench.random(random, F32, n, 1);
      Elements sum = bench.elements(I32, sums);
      Elements bias = bench.random(random, F32, n, 1000);
      Elements result = bench.zeros(F32, rows * n);
      bench.run(
          kernel, geometry, rows, List.of(v, range, w, scale, sum, result, bias), List.of(rows, 2));

      float[] stepAndLeast = range.floats();
      float[] scales = scale.floats();
      float[] added = bias.floats();
      float[] expected = new float[rows * n];
      for (int i = 0; i < rows * n; i++) {
        int product = 0;
        for (int j = 0; j < k; j++) {
          product += (int) values[i / n * k + j] * (int) weights[i % n * k + j];
        }
        float both = product * stepAndLeast[i / n * 2] + sums[i % n] * stepAndLeast[i / n * 2 + 1];
        expected[i] = scales[i % n] * both + added[i % n];
      }
      assertThat(result.floats()).isEqualTo(expected);
    }
  }
}
