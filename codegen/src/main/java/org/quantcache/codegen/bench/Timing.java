package org.quantcache.codegen.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Times two or more pieces of work in turns, so that what disturbs the machine disturbs all of them alike. */
public final class Timing {
  /** Longer than the threads of OpenBLAS and ONNX Runtime spin for more work, which would slow whoever is next. */
  private static final long PAUSE_NANOS = 100_000_000;

  /** The system needs some of its time slices to spread threads that woke on one processor. */
  private static final long SETTLE_NANOS = 20_000_000;

  private Timing() {}

  /**
   * Median seconds of each piece of work.
   *
   * <p>After a pause each piece first runs unmeasured, so that its caches are warm and its threads sit on processors of
   * their own, as in steady use.
   *
   * @param rounds turns that count, after {@code warmUp} that do not
   * @param repeats runs of a turn; a turn counts as their mean
   */
  public static List<Double> medians(List<Runnable> work, int warmUp, int rounds, int repeats) {
    List<List<Double>> seconds = new ArrayList<>();
    work.forEach(w -> seconds.add(new ArrayList<>()));
    for (int round = 0; round < warmUp + rounds; round++) {
      for (int i = 0; i < work.size(); i++) {
        LockSupport.parkNanos(PAUSE_NANOS);
        double turn = turn(work.get(i), repeats);
        if (round >= warmUp) {
          seconds.get(i).add(turn);
        }
      }
    }
    return seconds.stream().map(Timing::median).toList();
  }

  private static double turn(Runnable work, int repeats) {
    long warm = System.nanoTime() + SETTLE_NANOS;
    do {
      work.run();
    } while (System.nanoTime() < warm);
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      work.run();
    }
    return (System.nanoTime() - start) / 1e9 / repeats;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
