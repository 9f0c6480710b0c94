package org.quantcache.kernels.reference;

import java.util.List;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/**
 * What probes of layers measure; method section 3. A smaller value or base is read as in a broadcast. Sums are of p as it is
 * computed; what is held of it may have fewer bits.
 */
final class PruneKernels {
  private PruneKernels() {}

  /**
   * Sums over tiles {@code [tiles, 5]} as the operations state them, a row of tiles after the other; puts
   * {@code p = value - base} into {@code held}.
   *
   * @param base one tensor or none
   * @param tileRows rows of a tile; the last row of tiles may have fewer
   * @param tileColumns columns of a tile
   */
  static Tensor probe(
      Tensor value, List<Tensor> base, Tensor held, long tileRows, long tileColumns) {
    long channels = held.size(held.sizes().size() - 1);
    long rows = held.count() / channels;
    long across = channels / tileColumns;
    long tiles = (rows + tileRows - 1) / tileRows * across;
    int width = PruneOps.PROBE_SUMS;
    double[] sums = new double[(int) tiles * width];
    int[] index = new int[held.sizes().size()];
    Tensor difference = Tensor.zeros(CacheKernels.computed(held), held.sizes());
    for (int i = 0; i < held.count(); i++) {
      double before = held.get(i);
      double from =
          base.isEmpty() ? 0 : base.get(0).get(Indices.modulo(index, base.get(0).sizes()));
      difference.set(i, value.get(Indices.modulo(index, value.sizes())) - from);
      double p = difference.get(i);
      held.set(i, p);
      int to = (int) (i / channels / tileRows * across + i % channels / tileColumns) * width;
      sums[to] += p * before;
      sums[to + 1] += p * p;
      sums[to + 2] += before * before;
      sums[to + 3] += Math.abs(p - before);
      sums[to + 4] += Math.abs(before);
      Indices.advance(index, held.sizes());
    }
    Tensor out = Tensor.zeros(ScalarType.F32, List.of(tiles, (long) width));
    for (int i = 0; i < sums.length; i++) {
      out.set(i, sums[i]);
    }
    return out;
  }
}
