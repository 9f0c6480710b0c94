package org.quantcache.tools.video;

import java.util.List;

/** The middle of values: what disturbs few of them does not move it. */
public final class Median {
  private Median() {}

  /** The median of at least one value; the mean of the middle two of an even number. */
  public static double of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
