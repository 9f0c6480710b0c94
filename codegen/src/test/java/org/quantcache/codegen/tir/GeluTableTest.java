package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.ElementwiseSpec.Function;

/** GELU of long vectors over the whole line, also where its pieces meet and beyond them. */
class GeluTableTest {
  private static final int COUNT = 1 << 18;

  private static double gelu(double x) {
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private static float[] run(KernelBench bench, ElementwiseSpec spec, float[] x) {
    KernelBench.Memory y = bench.memory(new float[x.length]);
    bench.run(
        bench.launch(spec).pointer(bench.memory(x).address()).pointer(y.address()),
        spec.workItems());
    return y.floats();
  }

  @Test
  void isNearTheFormulaEverywhere() {
    List<Long> sizes = List.of((long) COUNT);
    ElementwiseSpec spec = new ElementwiseSpec(Function.GELU, sizes, List.of(sizes));
    float[] x = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      x[i] = (i - COUNT / 2) * (16f / COUNT);
    }
    float[] extreme = {
      0,
      -0f,
      1e-30f,
      -1e-30f,
      Float.MIN_VALUE,
      5.4f,
      -5.4f,
      Math.nextUp(5.4f),
      100,
      -100,
      3e38f,
      -3e38f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      -Float.NaN
    };
    System.arraycopy(extreme, 0, x, 0, extreme.length);
    try (KernelBench bench = new KernelBench(List.of(spec), 1)) {
      Assumptions.assumeTrue(bench.target().lanes() == GeluTable.LANES);
      float[] y = run(bench, spec, x);
      for (int i = 0; i < COUNT; i++) {
        if (Float.isNaN(x[i])) {
          assertThat(y[i]).isNaN();
        } else if (x[i] == Float.POSITIVE_INFINITY) {
          assertThat(y[i]).isEqualTo(x[i]);
        } else {
          double expected = x[i] == Float.NEGATIVE_INFINITY ? 0 : gelu(x[i]);
          assertThat(Math.abs(y[i] - expected))
              .as("gelu(%s) is %s", x[i], y[i])
              .isLessThanOrEqualTo(1e-7 * Math.max(1, Math.abs(expected)));
        }
      }
    }
  }
}
