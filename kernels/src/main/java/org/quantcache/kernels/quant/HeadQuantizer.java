package org.quantcache.kernels.quant;

/** Queries and keys as signed bytes, symmetric around zero; every step is in f32, as in the kernels. */
public final class HeadQuantizer {
  private static final float LARGEST = 127;

  private HeadQuantizer() {}

  /** The largest magnitude of {@code count} numbers. */
  public static float most(float[] x, int from, int count) {
    float most = 0;
    for (int i = from; i < from + count; i++) {
      most = Math.max(most, Math.abs(x[i]));
    }
    return most;
  }

  /** What a whole number stands for. */
  public static float scale(float most) {
    return most / LARGEST;
  }

  /** The nearest whole number, halves to even, from -127 to 127; 0 where all numbers are. */
  public static int value(float x, float most) {
    return most == 0 ? 0 : (int) Math.rint(x * (LARGEST / most));
  }
}
