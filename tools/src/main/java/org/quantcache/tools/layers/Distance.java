package org.quantcache.tools.layers;

import java.nio.FloatBuffer;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/**
 * How far a tensor is from the one that it should be.
 *
 * @param elements of the larger one
 * @param relativeL2 norm of the difference over the norm of the reference; not a number where either side is not finite
 * @param maxError largest absolute difference
 * @param sqnrDb signal to noise, 10 log10(sum of squares of the reference / sum of squares of the difference); infinite
 *     when both are equal
 */
public record Distance(long elements, double relativeL2, double maxError, double sqnrDb) {
  /**
   * Compares them. One may hold a whole number of copies of what the other holds once.
   *
   * @throws IllegalArgumentException when the numbers of elements do not divide
   */
  static Distance between(Tensor reference, Tensor found) {
    int left = reference.count();
    int right = found.count();
    int count = Math.max(left, right);
    if (left == 0 || right == 0 || count % left != 0 || count % right != 0) {
      throw new IllegalArgumentException(left + " elements against " + right);
    }
    Elements a = elements(reference);
    Elements b = elements(found);
    double squares = 0;
    double norm = 0;
    double most = 0;
    for (int i = 0; i < count; i++) {
      double expected = a.at(i % left);
      double difference = b.at(i % right) - expected;
      squares += difference * difference;
      norm += expected * expected;
      most = Math.max(most, Math.abs(difference));
    }
    double relative =
        squares == 0 ? 0 : Math.sqrt(squares) / Math.max(Math.sqrt(norm), Double.MIN_NORMAL);
    double decibels = squares == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(norm / squares);
    return new Distance(count, relative, most, decibels);
  }

  private interface Elements {
    double at(int index);
  }

  private static Elements elements(Tensor tensor) {
    if (tensor.element() == ScalarType.F32) {
      FloatBuffer floats = tensor.data().asFloatBuffer();
      return floats::get;
    }
    return tensor::get;
  }

  /** Whether it is within a tolerance of the relative L2; what is not a number is not. */
  boolean isWithin(double tolerance) {
    return relativeL2 <= tolerance;
  }

  /** The relative L2 for an order from near to far, in which what is not a number comes last. */
  double rank() {
    return Double.isNaN(relativeL2) ? Double.POSITIVE_INFINITY : relativeL2;
  }
}
