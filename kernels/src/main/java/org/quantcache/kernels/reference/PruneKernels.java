package org.quantcache.kernels.reference;

import java.util.List;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/** What probes of layers measure; method section 3. A smaller value or base is read as in a broadcast. */
final class PruneKernels {
  private PruneKernels() {}

  /**
   * Row sums {@code [rows, 5]} as the operation states them; puts {@code p = value - base} into {@code held}.
   *
   * @param base one tensor or none
   */
  static Tensor probe(Tensor value, List<Tensor> base, Tensor held) {
    int channels = (int) held.size(held.sizes().size() - 1);
    int rows = held.count() / channels;
    int width = PruneOps.PROBE_SUMS;
    Tensor out = Tensor.zeros(ScalarType.F32, List.of((long) rows, (long) width));
    int[] index = new int[held.sizes().size()];
    for (int row = 0; row < rows; row++) {
      double[] sums = new double[width];
      for (int i = row * channels; i < (row + 1) * channels; i++) {
        double before = held.get(i);
        double from = base.isEmpty()
            ? 0
            : base.get(0).get(Indices.modulo(index, base.get(0).sizes()));
        held.set(i, value.get(Indices.modulo(index, value.sizes())) - from);
        double p = held.get(i);
        sums[0] += p * before;
        sums[1] += p * p;
        sums[2] += before * before;
        sums[3] += Math.abs(p - before);
        sums[4] += Math.abs(before);
        Indices.advance(index, held.sizes());
      }
      for (int i = 0; i < width; i++) {
        out.set(width * row + i, sums[i]);
      }
    }
    return out;
  }
}
