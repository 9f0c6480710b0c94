package org.quantcache.kernels.runtime;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Time spent in each launch of a run. */
public final class LaunchProfile {
  /** Measures nothing. */
  public static final LaunchProfile OFF = new LaunchProfile();

  private final List<Launch> launches = new ArrayList<>();
  private final List<Long> stepNanos = new ArrayList<>();
  private long origin = System.nanoTime();
  private long stepStart = origin;

  /** Launches and nanoseconds of one kernel. */
  public record Entry(long launches, long nanos) {}

  /**
   * One launch.
   *
   * @param step in whose turn of the loop it ran; what runs in front of the loop counts as step 0, what follows it as the
   *     last one
   * @param startNanos since the run began
   * @param nanos that it took
   */
  public record Launch(int step, String kernel, LaunchPlace place, long startNanos, long nanos) {}

  /** A run begins; what follows is measured from here. */
  public void begin() {
    origin = System.nanoTime();
    stepStart = origin;
  }

  /** Counts one launch. @param start of it, by {@link System#nanoTime} */
  public void add(String kernel, LaunchPlace place, long start, long nanos) {
    launches.add(new Launch(stepNanos.size(), kernel, place, start - origin, nanos));
  }

  /** A step of the loop is done. */
  public void stepped() {
    long now = System.nanoTime();
    stepNanos.add(now - stepStart);
    stepStart = now;
  }

  /** All launches in the order in which they ran. */
  public List<Launch> launches() {
    int last = Math.max(0, stepNanos.size() - 1);
    return launches.stream()
        .map(one -> one.step() <= last
            ? one
            : new Launch(last, one.kernel(), one.place(), one.startNanos(), one.nanos()))
        .toList();
  }

  /** Nanoseconds of each step, decisions and host work included. */
  public List<Long> stepNanos() {
    return ImmutableList.copyOf(stepNanos);
  }

  /** Totals by kernel, in the order in which they ran first. */
  public Map<String, Entry> entries() {
    Map<String, Entry> out = new LinkedHashMap<>();
    for (Launch one : launches) {
      out.merge(
          one.kernel(),
          new Entry(1, one.nanos()),
          (a, b) -> new Entry(a.launches() + b.launches(), a.nanos() + b.nanos()));
    }
    return out;
  }
}
