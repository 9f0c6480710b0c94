package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.observe.ObservePass;

/**
 * Follows one run and takes the inner products of what the block stack adds at any two steps, over an even
 * sample of its elements.
 */
final class TrajectorySums implements StepObserver {
  private final List<float[]> values = new ArrayList<>();

  @Override
  public boolean wants(String series) {
    return series.equals(ObservePass.STACK);
  }

  @Override
  public void observed(String series, int index, int total, Tensor value) {
    values.add(EvenSample.of(value));
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
