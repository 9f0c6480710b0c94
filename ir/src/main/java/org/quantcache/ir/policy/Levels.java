package org.quantcache.ir.policy;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole number for each range of divergence: what paper equations 6 and 8 have in common, with any number of levels.
 *
 * @param bounds upper bounds of divergence, positive and ascending; a divergence below bound i gives value i
 * @param values one more than bounds; the last one is for any larger divergence, and for one that
 *     is no number
 */
public record Levels(List<Double> bounds, List<Long> values) {
  /** @throws IllegalArgumentException when bounds are out of order or the lengths do not fit */
  public Levels {
    bounds = ImmutableList.copyOf(bounds);
    values = ImmutableList.copyOf(values);
    double before = 0;
    for (double bound : bounds) {
      GuardPolicy.require(
          bound > before && Double.isFinite(bound), "bounds are positive and ascend", bounds);
      before = bound;
    }
    GuardPolicy.require(
        values.size() == bounds.size() + 1,
        "there is one level more than bounds, which are " + bounds,
        values);
  }

  /**
   * Reads {@code bound:value/.../value}: {@code 0.05:8/0.1:4/2} is 8 below divergence 0.05, 4 below 0.1, 2 from there on.
   *
   * @throws IllegalArgumentException when a part is no number or bounds are out of order
   */
  public static Levels parse(String text) {
    List<Double> bounds = new ArrayList<>();
    List<Long> values = new ArrayList<>();
    for (String level : text.split("/")) {
      String[] parts = level.split(":");
      if (parts.length == 2) {
        bounds.add(number(parts[0]));
      }
      values.add(Long.valueOf(parts[parts.length - 1]));
    }
    return new Levels(bounds, values);
  }

  private static double number(String bound) {
    try {
      return Double.parseDouble(bound);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + bound + "' is no number", e);
    }
  }

  /** The value at a divergence. */
  public long at(double divergence) {
    int level = 0;
    while (level < bounds.size() && !(divergence < bounds.get(level))) {
      level++;
    }
    return values.get(level);
  }

  /** Whether the value depends on divergence at all. */
  public boolean vary() {
    return !bounds.isEmpty();
  }
}
