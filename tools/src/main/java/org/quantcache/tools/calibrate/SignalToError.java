package org.quantcache.tools.calibrate;

import java.nio.FloatBuffer;

/** How close latents are to exact ones. */
final class SignalToError {
  private SignalToError() {}

  /** Exact latents over their error, squared, in dB; at most 150. */
  static double db(FloatBuffer found, FloatBuffer exact) {
    double signal = 0;
    double error = 0;
    for (int i = 0; i < exact.capacity(); i++) {
      double difference = exact.get(i) - found.get(i);
      signal += (double) exact.get(i) * exact.get(i);
      error += difference * difference;
    }
    return 10 * Math.log10(signal / Math.max(error, signal * 1e-15));
  }
}
