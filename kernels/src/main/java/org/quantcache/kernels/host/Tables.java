package org.quantcache.kernels.host;

import java.nio.FloatBuffer;

/**
 * Sines and cosines that depend on a few scalars; model sections 3.2, 3.3 and 3.6. Arithmetic is float32 in the order
 * of the original, the sine and cosine themselves are taken in double and rounded once.
 */
public final class Tables {
  private Tables() {}

  /**
   * {@code embed.timestep}: row b is cos(t f_0) .. cos(t f_h-1), sin(t f_0) .. sin(t f_h-1) with h = width / 2 and
   * f_k = exp(-ln(maxPeriod) k / h).
   *
   * @param times [batch]
   * @param out [batch, width]
   */
  public static void timestep(
      FloatBuffer times, int batch, int width, double maxPeriod, FloatBuffer out) {
    int half = width / 2;
    float logPeriod = (float) -Math.log(maxPeriod);
    for (int k = 0; k < half; k++) {
      float frequency = (float) Math.exp(logPeriod * k / half);
      for (int b = 0; b < batch; b++) {
        float angle = times.get(b) * frequency;
        out.put(b * width + k, (float) Math.cos(angle));
        out.put(b * width + half + k, (float) Math.sin(angle));
      }
    }
  }

  /**
   * {@code embed.position}: for place (i, j) sines and cosines of the column coordinate, then of the row coordinate.
   *
   * @param height picture height in pixels
   * @param width picture width in pixels
   * @param out [rows * columns, channels]
   */
  public static void position(
      float height,
      float width,
      int rows,
      int columns,
      int channels,
      int referenceSize,
      FloatBuffer out) {
    double scale = Math.sqrt((double) height * width) / referenceSize;
    double base = Math.rint(Math.sqrt((double) rows * columns));
    int quarter = channels / 4;
    for (int k = 0; k < quarter; k++) {
      float omega = (float) (1.0 / Math.pow(10000.0, (2.0 * k) / (channels / 2)));
      for (int i = 0; i < rows; i++) {
        float y = coordinate(i, scale, base / rows);
        for (int j = 0; j < columns; j++) {
          float x = coordinate(j, scale, base / columns);
          int at = (i * columns + j) * channels + k;
          float ax = x * omega;
          float ay = y * omega;
          out.put(at, (float) Math.sin(ax));
          out.put(at + quarter, (float) Math.cos(ax));
          out.put(at + 2 * quarter, (float) Math.sin(ay));
          out.put(at + 3 * quarter, (float) Math.cos(ay));
        }
      }
    }
  }

  private static float coordinate(int index, double scale, double stretch) {
    float scaled = index / (float) scale;
    return scaled * (float) stretch;
  }

  /** {@code embed.rope_frequencies}: theta^(-i / count). */
  public static void ropeFrequencies(int count, double theta, FloatBuffer out) {
    for (int i = 0; i < count; i++) {
      out.put(i, (float) Math.pow(theta, -(double) i / count));
    }
  }

  /** {@code embed.rope_table}: out[position, i] = (cos, sin) of position * frequency i. */
  public static void ropeTable(FloatBuffer frequencies, int count, int positions, FloatBuffer out) {
    for (int p = 0; p < positions; p++) {
      for (int i = 0; i < count; i++) {
        float angle = p * frequencies.get(i);
        out.put((p * count + i) * 2, (float) Math.cos(angle));
        out.put((p * count + i) * 2 + 1, (float) Math.sin(angle));
      }
    }
  }
}
