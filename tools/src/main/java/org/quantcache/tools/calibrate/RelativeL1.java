package org.quantcache.tools.calibrate;

/** How far two values are apart. */
final class RelativeL1 {
  private RelativeL1() {}

  /** Sum of absolute differences over the sum of the magnitudes of {@code reference}; 0 where that is zero. */
  static double of(float[] value, float[] reference) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < reference.length; i++) {
      difference += Math.abs((double) value[i] - reference[i]);
      size += Math.abs(reference[i]);
    }
    return size == 0 ? 0 : difference / size;
  }
}
