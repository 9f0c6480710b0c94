package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.kernels.cpu.KernelLaunch;

/** Operands of a product with a probe, and what it leaves in them against sums in double. */
final class ProbeCheck {
  private static final int COUNT = PruneOps.PROBE_SUMS;
  private final int rows;
  private final int columns;
  private final float[] before;
  private final KernelBench.Memory held;
  private final KernelBench.Memory sums;

  ProbeCheck(KernelBench bench, Random random, int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    this.before = KernelBench.random(random, rows * columns);
    this.held = bench.memory(before.clone());
    this.sums = bench.memory(new float[rows * COUNT]);
  }

  void addTo(KernelLaunch.Builder launch) {
    launch.pointer(held.address()).pointer(sums.address());
  }

  /** Holds held values and row sums to the result that the kernel stored. */
  void check(String name, Epilogue epilogue, float[] result, float[] residual) {
    float[] now = held.floats();
    float[] found = sums.floats();
    for (int row = 0; row < rows; row++) {
      double[] expected = new double[COUNT];
      double size = 1;
      for (int at = row * columns; at < (row + 1) * columns; at++) {
        float base = epilogue.probe() == Epilogue.Probe.ADDEND ? residual[at % residual.length] : 0;
        assertThat(now[at]).as(name + " held " + at).isEqualTo(result[at] - base);
        double p = now[at];
        expected[0] += p * before[at];
        expected[1] += p * p;
        expected[2] += (double) before[at] * before[at];
        expected[3] += Math.abs(p - before[at]);
        expected[4] += Math.abs(before[at]);
        size += p * p + Math.abs(p);
      }
      for (int i = 0; i < COUNT; i++) {
        assertThat((double) found[row * COUNT + i])
            .as(name + " row " + row + " sum " + i)
            .isCloseTo(expected[i], Offset.offset(1e-6 * size));
      }
    }
  }
}
