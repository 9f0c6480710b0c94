package org.quantcache.tools.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Times two or more pieces of work in turns, so that what disturbs the machine disturbs all of them alike. */
public final class Timing {
  private Timing() {}

  /**
   * Median seconds of each piece of work.
   *
   * @param rounds turns that count, after {@code warmUp} that do not
   */
  public static List<Double> medians(List<Runnable> work, int warmUp, int rounds) {
    List<List<Double>> seconds = new ArrayList<>();
    work.forEach(w -> seconds.add(new ArrayList<>()));
    for (int round = 0; round < warmUp + rounds; round++) {
      for (int i = 0; i < work.size(); i++) {
        long start = System.nanoTime();
        work.get(i).run();
        if (round >= warmUp) {
          seconds.get(i).add((System.nanoTime() - start) / 1e9);
        }
      }
    }
    return seconds.stream().map(Timing::median).toList();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
