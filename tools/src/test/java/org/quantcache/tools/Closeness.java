package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.quantcache.kernels.tensor.Tensor;

/** Relative L2 distance of tensors. */
final class Closeness {
  private Closeness() {}

  static double relativeL2(Tensor found, Tensor expected) {
    assertThat(found.sizes()).isEqualTo(expected.sizes());
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.count(); i++) {
      double d = found.get(i) - expected.get(i);
      difference += d * d;
      norm += expected.get(i) * expected.get(i);
    }
    return Math.sqrt(difference / norm);
  }

  /** Every expected tensor is there and within {@code bound}. */
  static void assertClose(Map<String, Tensor> found, Map<String, Tensor> expected, double bound) {
    expected.forEach((name, tensor) -> {
      assertThat(found).as("results").containsKey(name);
      assertThat(relativeL2(found.get(name), tensor))
          .as("relative L2 of " + name)
          .isLessThanOrEqualTo(bound);
    });
  }
}
