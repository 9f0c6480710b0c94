package org.quantcache.kernels.reference;

import java.util.List;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/** What guards and probes do to tensors; method section 1. A smaller base is read as in a broadcast. */
final class CacheKernels {
  private CacheKernels() {}

  /** {@code slot := value - base}. */
  private static void store(Tensor value, Tensor base, Tensor slot) {
    int[] index = new int[value.sizes().size()];
    for (int i = 0; i < value.count(); i++) {
      slot.set(i, value.get(i) - base.get(Indices.modulo(index, base.sizes())));
      Indices.advance(index, value.sizes());
    }
  }

  /** Moves every value of the history back by one and puts {@code value - base} in front. */
  static void remember(Tensor value, Tensor base, List<Tensor> history) {
    for (int i = history.size() - 1; i > 0; i--) {
      history
          .get(i)
          .data()
          .duplicate()
          .put(history.get(i - 1).data().duplicate().rewind());
    }
    store(value, base, history.get(0));
  }

  /** {@code base + sum of weights[i] * history[i]}. */
  static Tensor foretell(Tensor base, float[] weights, List<Tensor> history) {
    Tensor first = history.get(0);
    Tensor out = Tensor.zeros(first.element(), first.sizes());
    int[] index = new int[first.sizes().size()];
    for (int i = 0; i < out.count(); i++) {
      double sum = base.get(Indices.modulo(index, base.sizes()));
      for (int h = 0; h < weights.length; h++) {
        sum += weights[h] * history.get(h).get(i);
      }
      out.set(i, sum);
      Indices.advance(index, first.sizes());
    }
    return out;
  }

  /**
   * Row sums of {@code p = value - base [B, T, S, C]} as the operation states them; puts p into {@code previous}, rounded
   * where that has fewer bits.
   *
   * @param base one tensor, or none where p is the value itself
   */
  static Tensor probe(Tensor value, List<Tensor> base, Tensor previous) {
    Tensor p = value.as(computed(previous));
    if (!base.isEmpty()) {
      p = Tensor.zeros(computed(previous), previous.sizes());
      store(value, base.get(0), p);
    }
    int frames = (int) previous.size(1);
    int places = (int) previous.size(2);
    int channels = (int) previous.size(3);
    int rows = previous.count() / channels;
    Tensor out = Tensor.zeros(ScalarType.F32, List.of((long) rows, 4L));
    for (int row = 0; row < rows; row++) {
      double[] sums = new double[4];
      boolean hasEarlier = row / places % frames > 0;
      for (int i = row * channels; i < (row + 1) * channels; i++) {
        double before = previous.get(i);
        sums[0] += Math.abs(p.get(i) - before);
        sums[1] += Math.abs(before);
        if (hasEarlier) {
          double earlier = p.get(i - places * channels);
          sums[2] += Math.abs(p.get(i) - earlier);
          sums[3] += Math.abs(p.get(i)) + Math.abs(earlier);
        }
        previous.set(i, p.get(i));
      }
      for (int i = 0; i < sums.length; i++) {
        out.set(4 * row + i, sums[i]);
      }
    }
    return out;
  }

  /** What is computed with in the place of elements of a tensor: those of 16 bits are widened. */
  static ScalarType computed(Tensor tensor) {
    return tensor.element() == ScalarType.BF16 ? ScalarType.F32 : tensor.element();
  }
}
