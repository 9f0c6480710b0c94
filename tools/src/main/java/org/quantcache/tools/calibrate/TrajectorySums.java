package org.quantcache.tools.calibrate;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.observe.ObservePass;

/**
 * Follows one run and takes the inner products of what the block stack adds at any two steps. Of large values an even
 * sample of elements stands for all.
 */
final class TrajectorySums implements StepObserver {
  private static final int MOST_ELEMENTS = 1 << 16;

  private final List<float[]> values = new ArrayList<>();

  @Override
  public boolean wants(String series) {
    return series.equals(ObservePass.STACK);
  }

  @Override
  public void observed(String series, int index, int total, Tensor value) {
    FloatBuffer all = value.data().asFloatBuffer();
    int stride = Math.max(1, (all.capacity() + MOST_ELEMENTS - 1) / MOST_ELEMENTS);
    // An odd stride does not fall into step with the channels.
    stride += stride > 1 && stride % 2 == 0 ? 1 : 0;
    float[] sample = new float[(all.capacity() + stride - 1) / stride];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = all.get(i * stride);
    }
    values.add(sample);
  }

  /** Products, by element, {@code [steps][steps]}. */
  double[][] products() {
    double[][] out = new double[values.size()][values.size()];
    for (int s = 0; s < out.length; s++) {
      for (int t = 0; t <= s; t++) {
        out[s][t] = product(values.get(s), values.get(t));
        out[t][s] = out[s][t];
      }
    }
    return out;
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum / a.length;
  }
}
