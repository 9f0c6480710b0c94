package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Moves the computed steps of a plan as long as whole runs get better: one step at a time, first by many steps, then by
 * fewer. The first computed step stays where it is.
 */
final class PlanSearch {
  private static final int[] STRIDES = {4, 2, 1};

  /** Smaller gains are chance. */
  private static final double LEAST_GAIN_DB = 0.02;

  private final int steps;
  private final ToDoubleFunction<List<Integer>> quality;
  private final Map<List<Integer>, Double> known = new HashMap<>();
  private List<Integer> best = List.of();
  private double bestQuality;

  /**
   * @param steps length of the loop
   * @param quality of a plan, in dB
   */
  PlanSearch(int steps, ToDoubleFunction<List<Integer>> quality) {
    this.steps = steps;
    this.quality = quality;
  }

  /** The best plan that is found from {@code start} on. */
  List<Integer> from(List<Integer> start) {
    best = List.copyOf(start);
    bestQuality = qualityOf(best);
    for (int stride : STRIDES) {
      boolean moved = true;
      while (moved) {
        moved = false;
        for (int place = 1; place < start.size(); place++) {
          moved |= move(place, -stride) || move(place, stride);
        }
      }
    }
    return best;
  }

  /** Quality of a plan that was tried. */
  double qualityOf(List<Integer> plan) {
    return known.computeIfAbsent(plan, quality::applyAsDouble);
  }

  /** Moves one computed step as far as that helps. */
  private boolean move(int place, int by) {
    boolean moved = false;
    while (true) {
      int to = best.get(place) + by;
      int least = best.get(place - 1) + 1;
      int most = place + 1 < best.size() ? best.get(place + 1) - 1 : steps - 1;
      if (to < least || to > most) {
        return moved;
      }
      List<Integer> next = new ArrayList<>(best);
      next.set(place, to);
      double found = qualityOf(List.copyOf(next));
      if (!(found > bestQuality + LEAST_GAIN_DB)) {
        return moved;
      }
      best = List.copyOf(next);
      bestQuality = found;
      moved = true;
    }
  }
}
