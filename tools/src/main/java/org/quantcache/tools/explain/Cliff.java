package org.quantcache.tools.explain;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleToLongFunction;

/**
 * How near a threshold is to what was measured.
 *
 * @param of the guard, or the kind of layers
 * @param threshold its name
 * @param value of it
 * @param below the largest measured value below it
 * @param above the least measured value that is not below it
 * @param flips decisions that come out otherwise when the threshold moves by so many percent, each decision by itself
 */
public record Cliff(
    String of,
    String threshold,
    double value,
    OptionalDouble below,
    OptionalDouble above,
    Map<Integer, Long> flips) {
  /** Percent by which thresholds are moved. */
  public static final List<Integer> MOVES = List.of(-10, -5, 5, 10);

  public Cliff {
    flips = ImmutableMap.copyOf(flips);
  }

  /** @param flipped how many decisions come out otherwise with another value of the threshold */
  static Cliff of(
      String of, String name, double value, List<Double> measured, DoubleToLongFunction flipped) {
    Map<Integer, Long> flips = new LinkedHashMap<>();
    // By its magnitude, so that more percent is more for a similarity below 0 as well.
    MOVES.forEach(percent ->
        flips.put(percent, flipped.applyAsLong(value + Math.abs(value) * percent / 100)));
    return new Cliff(
        of,
        name,
        value,
        measured.stream().mapToDouble(v -> v).filter(v -> v < value).max(),
        measured.stream().mapToDouble(v -> v).filter(v -> v >= value).min(),
        flips);
  }
}
