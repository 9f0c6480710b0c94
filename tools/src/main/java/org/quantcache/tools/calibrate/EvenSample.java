package org.quantcache.tools.calibrate;

import java.nio.FloatBuffer;
import org.quantcache.kernels.tensor.Tensor;

/** Elements of a large value that stand for all. */
final class EvenSample {
  private static final int MOST_ELEMENTS = 1 << 16;

  private EvenSample() {}

  /** Elements at even distances; all of a small value. */
  static float[] of(Tensor value) {
    FloatBuffer all = value.data().asFloatBuffer();
    int stride = Math.max(1, (all.capacity() + MOST_ELEMENTS - 1) / MOST_ELEMENTS);
    // An odd stride does not fall into step with the channels.
    stride += stride > 1 && stride % 2 == 0 ? 1 : 0;
    float[] sample = new float[(all.capacity() + stride - 1) / stride];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = all.get(i * stride);
    }
    return sample;
  }
}
