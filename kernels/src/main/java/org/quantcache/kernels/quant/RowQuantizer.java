package org.quantcache.kernels.quant;

/**
 * Dynamic uniform rounding of activations, in f32 exactly as kernels do it: {@code value = clamp(rint((x - least) *
 * (1 / step)))}, {@code x ~ value * step + least}. A row whose numbers are all equal gets values 0 and is met exactly;
 * a row whose range exceeds the largest float gets a finite step and saturates.
 */
public final class RowQuantizer {
  /**
   * The least step, the smallest normal float: its inverse is finite, and the grid of a row of equal or nearly equal
   * numbers is as fine as f32 allows.
   */
  public static final float LEAST_STEP = Float.MIN_NORMAL;

  private RowQuantizer() {}

  /**
   * A grid.
   *
   * @param step distance of neighbouring numbers, at least {@link #LEAST_STEP}
   * @param least the number that value 0 stands for
   * @param most the largest value, 2^bits - 1
   */
  public record Grid(float step, float least, int most) {
    /** Rounds {@code x}; halves go to the even value. */
    public int value(float x) {
      float inverse = 1 / step;
      double value = Math.rint((x - least) * inverse);
      return (int) Math.max(0, Math.min(most, value));
    }

    /** The number that a value stands for. */
    public double number(int value) {
      return (double) value * step + least;
    }
  }

  /** The smallest and the largest of some numbers; of none, 0. */
  public record Extremes(float least, float largest) {}

  /** The extremes of {@code count} elements from {@code first} on. */
  public static Extremes extremes(float[] x, int first, int count) {
    float least = Float.POSITIVE_INFINITY;
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = first; i < first + count; i++) {
      least = Math.min(least, x[i]);
      largest = Math.max(largest, x[i]);
    }
    return count == 0 ? new Extremes(0, 0) : new Extremes(least, largest);
  }

  /** The grid of {@code bits} bits that spans {@code count} elements from {@code first} on. */
  public static Grid grid(float[] x, int first, int count, int bits) {
    Extremes found = extremes(x, first, count);
    return grid(found.least(), found.largest(), bits);
  }

  /** The grid between two numbers. Halving first keeps the difference finite; it is exact. */
  static Grid grid(float least, float largest, int bits) {
    int most = (1 << bits) - 1;
    float half = largest * 0.5f - least * 0.5f;
    float step = half / (most * 0.5f);
    return new Grid(Math.max(step, LEAST_STEP), least, most);
  }

  /** Balances and rotates {@code count} elements in place; each operation rounds to f32. */
  public static void prepare(float[] row, int count, float[] inverse, int hadamard) {
    for (int k = 0; inverse.length > 0 && k < count; k++) {
      row[k] *= inverse[k];
    }
    if (hadamard > 1) {
      Hadamard.transform(row, count, hadamard);
    }
  }
}
