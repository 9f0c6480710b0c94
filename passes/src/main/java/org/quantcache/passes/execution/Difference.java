package org.quantcache.passes.execution;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.quantcache.kernels.tensor.Tensor;

/**
 * How far one result of a program is from what it should be.
 *
 * @param result function and result, as {@code @sample output}
 * @param relative relative L2: length of the difference by length of what was expected; 0 means equal bits, infinity
 *     that one has a NaN or an infinity where the other has none, or another size
 * @param largest largest difference of two elements
 * @param at its index, row by row
 */
public record Difference(String result, double relative, double largest, long at) {
  /** The result that is farthest from its counterpart; the first one where several are. Empty without results. */
  public static Optional<Difference> largest(
      Map<String, Tensor> expected, Map<String, Tensor> found) {
    Optional<Difference> worst = Optional.empty();
    for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
      Tensor other = found.get(entry.getKey());
      Difference here =
          other == null ? unlike(entry.getKey()) : of(entry.getKey(), entry.getValue(), other);
      if (worst.isEmpty() || here.relative > worst.get().relative) {
        worst = Optional.of(here);
      }
    }
    return worst;
  }

  /** Compares two tensors. */
  static Difference of(String result, Tensor expected, Tensor found) {
    if (!List.copyOf(expected.sizes()).equals(found.sizes())) {
      return unlike(result);
    }
    double error = 0;
    double size = 0;
    double largest = 0;
    long at = 0;
    for (int i = 0; i < expected.count(); i++) {
      double a = expected.get(i);
      double b = found.get(i);
      if (Double.compare(a, b) == 0) {
        size += Double.isFinite(a) ? a * a : 0;
        continue;
      }
      if (!Double.isFinite(a) || !Double.isFinite(b)) {
        return new Difference(result, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, i);
      }
      double apart = Math.abs(a - b);
      at = apart > largest ? i : at;
      largest = Math.max(largest, apart);
      error += apart * apart;
      size += a * a;
    }
    double relative =
        error == 0 ? 0 : size == 0 ? Double.POSITIVE_INFINITY : Math.sqrt(error / size);
    return new Difference(result, relative, largest, at);
  }

  private static Difference unlike(String result) {
    return new Difference(result, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
  }

  /** As in {@code @f output: relative L2 1.2e-01, largest difference 3.0e+00 at element 7}. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%s: relative L2 %.1e, largest difference %.1e at element %d",
        result,
        relative,
        largest,
        at);
  }
}
