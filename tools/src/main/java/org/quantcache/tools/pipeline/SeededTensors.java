package org.quantcache.tools.pipeline;

import java.util.List;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.host.GaussianNoise;
import org.quantcache.kernels.tensor.Tensor;

/** Tensors that need no user. */
final class SeededTensors {
  private SeededTensors() {}

  /** f32 of independent standard normal numbers. */
  static Tensor noise(List<Long> sizes, long seed, long stream) {
    Tensor out = Tensor.zeros(ScalarType.F32, sizes);
    new GaussianNoise(seed, stream).fill(0, out.count(), out.data().asFloatBuffer());
    return out;
  }

  /** f32[count] of one value. */
  static Tensor filled(long count, double value) {
    return filled(ScalarType.F32, List.of(count), value);
  }

  /** A tensor of one value. */
  static Tensor filled(ScalarType element, List<Long> sizes, double value) {
    Tensor out = Tensor.zeros(element, sizes);
    for (int i = 0; i < out.count(); i++) {
      out.set(i, value);
    }
    return out;
  }
}
