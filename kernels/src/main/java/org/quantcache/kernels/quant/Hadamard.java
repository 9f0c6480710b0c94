package org.quantcache.kernels.quant;

/**
 * The orthonormal Walsh-Hadamard transform {@code y = H x / sqrt(n)}, in natural order, on blocks of n = 2^m
 * neighbours. It is symmetric and its own inverse.
 */
public final class Hadamard {
  private Hadamard() {}

  /** Factor that makes the transform of {@code block} elements orthonormal. */
  public static double factor(int block) {
    return 1 / Math.sqrt(block);
  }

  /** Transforms {@code count} elements in place. @throws IllegalArgumentException unless blocks fill them */
  public static void transform(double[] values, int count, int block) {
    requireBlocks(count, block);
    for (int stride = block / 2; stride > 0; stride /= 2) {
      for (int at = 0; at < count; at++) {
        if ((at & stride) == 0) {
          double sum = values[at] + values[at + stride];
          values[at + stride] = values[at] - values[at + stride];
          values[at] = sum;
        }
      }
    }
    for (int at = 0; at < count; at++) {
      values[at] *= factor(block);
    }
  }

  /**
   * The same in f32, each sum rounded. Strides go down from half a block: kernels do likewise, so that they round alike.
   */
  static void transform(float[] values, int count, int block) {
    requireBlocks(count, block);
    for (int stride = block / 2; stride > 0; stride /= 2) {
      for (int at = 0; at < count; at++) {
        if ((at & stride) == 0) {
          float sum = values[at] + values[at + stride];
          values[at + stride] = values[at] - values[at + stride];
          values[at] = sum;
        }
      }
    }
    float factor = (float) factor(block);
    for (int at = 0; at < count; at++) {
      values[at] *= factor;
    }
  }

  private static void requireBlocks(int count, int block) {
    if (block < 1 || Integer.bitCount(block) != 1 || count % block != 0) {
      throw new IllegalArgumentException(
          "blocks of " + block + " elements do not fill " + count + ", or are no power of two");
    }
  }
}
