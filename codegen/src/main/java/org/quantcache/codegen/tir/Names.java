package org.quantcache.codegen.tir;

import java.util.List;
import java.util.stream.Collectors;

/** Numbers as parts of function names. */
final class Names {
  private Names() {}

  /** Exact and free of signs and points. */
  static String of(double value) {
    return Double.toString(value).replace('.', '_').replace("-", "m");
  }

  /** {@code 2x8x64}. */
  static String of(List<Long> sizes) {
    return sizes.isEmpty()
        ? "scalar"
        : sizes.stream()
            .map(s -> s < 0 ? "m" + -s : Long.toString(s))
            .collect(Collectors.joining("x"));
  }
}
