package org.quantcache.passes.aigq;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/**
 * Shares out bits: minimises the sum of sensitivities while the sum of sizes stays within a budget (paper eq. 7). Greedy:
 * every layer starts with its smallest choice, then the step that lowers the sensitivity most for each bit is taken as
 * long as one fits.
 */
final class BitAllocation {
  /**
   * A way to store a layer.
   *
   * @param bits that it takes in all
   * @param sensitivity what it costs
   */
  record Choice(long bits, double sensitivity) {}

  private BitAllocation() {}

  /** Bits that every layer takes at least. */
  static long least(List<List<Choice>> layers) {
    return layers.stream()
        .mapToLong(choices -> choices.get(smallest(choices)).bits())
        .sum();
  }

  /**
   * Number of the choice of each layer.
   *
   * @param budget bits of all layers, not below {@link #least}
   */
  static List<Integer> share(List<List<Choice>> layers, long budget) {
    List<Integer> chosen = new ArrayList<>();
    layers.forEach(choices -> chosen.add(smallest(choices)));
    long left = budget - least(layers);
    while (true) {
      int layer = -1;
      int step = -1;
      double best = 0;
      for (int l = 0; l < layers.size(); l++) {
        Choice now = layers.get(l).get(chosen.get(l));
        for (int c = 0; c < layers.get(l).size(); c++) {
          Choice next = layers.get(l).get(c);
          double drop = gain(now, next);
          if (next.bits() - now.bits() <= left && drop > best) {
            best = drop;
            layer = l;
            step = c;
          }
        }
      }
      if (layer < 0) {
        return ImmutableList.copyOf(chosen);
      }
      List<Choice> choices = layers.get(layer);
      left -= choices.get(step).bits() - choices.get(chosen.get(layer)).bits();
      chosen.set(layer, step);
    }
  }

  /** What a step saves for each bit; 0 when it saves nothing. */
  private static double gain(Choice now, Choice next) {
    double drop = now.sensitivity() - next.sensitivity();
    long bits = next.bits() - now.bits();
    if (drop <= 0) {
      return 0;
    }
    return bits > 0 ? drop / bits : Double.POSITIVE_INFINITY;
  }

  /** The smallest choice, of equal ones the best. */
  private static int smallest(List<Choice> choices) {
    int best = 0;
    for (int c = 1; c < choices.size(); c++) {
      long bits = choices.get(c).bits() - choices.get(best).bits();
      if (bits < 0
          || (bits == 0 && choices.get(c).sensitivity() < choices.get(best).sensitivity())) {
        best = c;
      }
    }
    return best;
  }
}
