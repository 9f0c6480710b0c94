package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.codegen.cuda.CudaBench.Elements;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** Products of values of 4 bits that share bytes, on tensor cores that take them, on those that take bytes, and on warpgroups. */
class PairProductsTest {
  /** Tiles of every shape, full ones and others; rows that are no multiple of 16 bytes; groups of channels. */
  @ParameterizedTest
  @CsvSource({
    "1, 7, 6, 6, int4",
    "65, 31, 130, 130, int4",
    "65, 31, 130, 130, bytes",
    "40, 130, 72, 72, int4",
    "130, 640, 416, 416, int4",
    "130, 640, 416, 416, bytes",
    "130, 576, 640, 128, int4",
    "130, 576, 640, 128, bytes",
    "33, 528, 512, 8, int4",
    "130, 576, 640, 640, warpgroups",
    "300, 640, 416, 416, warpgroups",
    "1, 5000, 64, 64, warpgroups",
    "20, 8300, 32, 32, warpgroups"
  })
  void productsToTheBit(int rows, int n, int k, int group, String code) {
    IntegerGemmSpec spec = new IntegerGemmSpec(n, k, 4, 4, 4, 4, group, Epilogue.NONE);
    CudaKernel kernel = ProductKernels.of(spec, List.of(U8, F32, I8, F32, I32, F32));
    assertThat(kernel.name()).startsWith("gemm_a4_cell4_w4_cell4_k" + k + "_n" + n);
    Random random = new Random(rows + n + k);
    KernelGeometry geometry = code.equals("warpgroups")
        ? kernel.warpgroups().orElseThrow()
        : kernel.geometry().get(0);
    int groups = k / group;
    int[] values = random.ints(rows * k, 0, 16).toArray();
    int[] weights = random.ints(n * k, -8, 8).toArray();
    float[] sums = new float[n * groups];
    for (int i = 0; i < weights.length; i++) {
      sums[i / group] += weights[i];
    }
    try (CudaBench bench = bench(code, kernel)) {
      EmulatedDriver.setSeed(n);
      Elements result = bench.zeros(F32, rows * n);
      float[] ranges = new float[2 * rows];
      // Powers of two, of which no rounding leaves anything to chance.
      for (int i = 0; i < rows; i++) {
        ranges[2 * i] = 1 << i % 3;
        ranges[2 * i + 1] = -(1 << i % 2);
      }
      float[] scales = new float[n * groups];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = 0.25f * (1 << i % 4);
      }
      bench.run(
          kernel,
          geometry,
          rows,
          List.of(
              bench.elements(U8, pairs(values, 0)),
              bench.elements(F32, ranges),
              groups > 1
                  ? bench.elements(I8, pairs(weights, 8))
                  : bench.tiles(n, k, 4, floats(weights)),
              bench.elements(F32, scales),
              bench.elements(I32, sums),
              result),
          List.of(rows, 2));

      float[] expected = new float[rows * n];
      for (int i = 0; i < rows * n; i++) {
        int row = i / n;
        int column = i % n;
        float total = 0;
        for (int g = 0; g < groups; g++) {
          int product = 0;
          for (int j = g * group; j < (g + 1) * group; j++) {
            product += values[row * k + j] * weights[column * k + j];
          }
          int at = column * groups + g;
          total += scales[at] * (product * ranges[2 * row] + sums[at] * ranges[2 * row + 1]);
        }
        expected[i] = total;
      }
      assertThat(result.floats()).isEqualTo(expected);
    }
  }

  private static float[] floats(int[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }

  private static CudaBench bench(String code, CudaKernel kernel) {
    return switch (code) {
      case "int4" -> new CudaBench(List.of(kernel));
      case "bytes" -> CudaBench.withoutInt4(List.of(kernel));
      default -> CudaBench.ofWarpgroups(List.of(kernel));
    };
  }

  /** Two neighbours in a byte, the first in its lower half, all of them larger by {@code offset}. */
  private static float[] pairs(int[] values, int offset) {
    float[] out = new float[values.length / 2];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[2 * i] + offset | values[2 * i + 1] + offset << 4;
    }
    return out;
  }
}
