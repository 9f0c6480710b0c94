package org.quantcache.tools.explain;

import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers as they are read: four digits, never in the words of a locale. */
final class Numbers {
  private Numbers() {}

  static String of(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e6) {
      return Long.toString((long) value);
    }
    return String.format(Locale.ROOT, "%.4g", value);
  }

  /** A threshold as it was written. */
  static String exact(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  static String of(OptionalDouble value) {
    return value.isPresent() ? of(value.getAsDouble()) : "-";
  }

  /** How many times {@code to} is {@code from}; a difference where a factor says nothing. */
  static String change(double from, double to) {
    if (from > 0 && to > 0) {
      double factor = to / from;
      return String.format(
          Locale.ROOT,
          Math.abs(factor - 1) < 0.01 ? "%.6f times as large" : "%.3f times as large",
          factor);
    }
    return String.format(Locale.ROOT, "%+.4g", to - from);
  }
}
