package org.quantcache.tools.calibrate;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.observe.ObservePass;

/**
 * Follows runs and keeps of what each product of the block stack reads a few rows, chosen at random but always alike,
 * and the largest magnitude of each channel.
 */
final class InputSample implements StepObserver {
  private final int rowsOfAStep;
  private final Map<String, Layer> layers = new LinkedHashMap<>();
  private final SplittableRandom random = new SplittableRandom(1);

  /** @param rowsOfAStep rows that are kept of a layer at a step */
  InputSample(int rowsOfAStep) {
    this.rowsOfAStep = rowsOfAStep;
  }

  /** Rows {@code [R][K]} that a product reads, and the largest magnitude of each channel. */
  static final class Layer {
    final List<float[]> rows = new ArrayList<>();
    final float[] largest;

    Layer(int channels) {
      largest = new float[channels];
    }
  }

  /** What was kept, by the key of the product's weight, in program order. */
  Map<String, Layer> layers() {
    return layers;
  }

  @Override
  public boolean wants(String series) {
    return series.startsWith(ObservePass.INPUT);
  }

  @Override
  public void observed(String series, int index, int total, Tensor value) {
    int channels = (int) value.size(-1);
    Layer layer = layers.computeIfAbsent(
        series.substring(ObservePass.INPUT.length()), key -> new Layer(channels));
    FloatBuffer data = value.data().asFloatBuffer();
    int rows = data.capacity() / channels;
    float[] row = new float[channels];
    for (int r = 0; r < rows; r++) {
      data.get(r * channels, row);
      for (int c = 0; c < channels; c++) {
        layer.largest[c] = Math.max(layer.largest[c], Math.abs(row[c]));
      }
    }
    for (int i = 0; i < rowsOfAStep; i++) {
      float[] kept = new float[channels];
      data.get(random.nextInt(rows) * channels, kept);
      layer.rows.add(kept);
    }
  }
}
