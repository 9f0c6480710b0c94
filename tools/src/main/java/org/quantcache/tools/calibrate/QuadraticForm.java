package org.quantcache.tools.calibrate;

import java.util.Arrays;

/** {@code x G x^T} with the Gram matrix {@code G = X^T X / R} of rows X {@code [R, K]}. */
final class QuadraticForm {
  private final float[][] gram;

  private QuadraticForm(float[][] gram) {
    this.gram = gram;
  }

  static QuadraticForm gram(float[][] rows, int channels) {
    float[][] out = new float[channels][channels];
    float[] factors = new float[rows.length];
    float scale = 1f / Math.max(1, rows.length);
    for (int i = 0; i < channels; i++) {
      for (int r = 0; r < rows.length; r++) {
        factors[r] = rows[r][i] * scale;
      }
      multiply(factors, rows, out[i]);
    }
    return new QuadraticForm(out);
  }

  /** Sum over the rows of a matrix {@code [N, K]}: the squares of all its products with a row of X, mean over X. */
  double sum(float[][] matrix) {
    double sum = 0;
    float[] product = new float[gram.length];
    for (float[] row : matrix) {
      multiply(row, gram, product);
      for (int k = 0; k < row.length; k++) {
        sum += (double) product[k] * row[k];
      }
    }
    return Math.max(0, sum);
  }

  /** {@code into = x M} for a matrix of rows; four rows at once, or memory would be what takes the time. */
  static void multiply(float[] x, float[][] rows, float[] into) {
    Arrays.fill(into, 0);
    int k = 0;
    for (; k + 4 <= x.length; k += 4) {
      add(into, rows[k], rows[k + 1], rows[k + 2], rows[k + 3], x, k);
    }
    for (; k < x.length; k++) {
      for (int j = 0; j < into.length; j++) {
        into[j] += x[k] * rows[k][j];
      }
    }
  }

  private static void add(
      float[] into, float[] a, float[] b, float[] c, float[] d, float[] factors, int first) {
    float fa = factors[first];
    float fb = factors[first + 1];
    float fc = factors[first + 2];
    float fd = factors[first + 3];
    for (int j = 0; j < into.length; j++) {
      into[j] += fa * a[j] + fb * b[j] + fc * c[j] + fd * d[j];
    }
  }
}
