package org.quantcache.kernels.runtime;

import java.util.LinkedHashMap;
import java.util.Map;

/** Time spent in each kernel. */
public final class LaunchProfile {
  /** Measures nothing. */
  public static final LaunchProfile OFF = new LaunchProfile();

  private final Map<String, long[]> totals = new LinkedHashMap<>();

  /** Launches and nanoseconds of one kernel. */
  public record Entry(long launches, long nanos) {}

  /** Counts one launch. */
  public void add(String kernel, long nanos) {
    long[] total = totals.computeIfAbsent(kernel, k -> new long[2]);
    total[0]++;
    total[1] += nanos;
  }

  /** Totals by kernel, in the order in which they ran first. */
  public Map<String, Entry> entries() {
    Map<String, Entry> out = new LinkedHashMap<>();
    totals.forEach((name, total) -> out.put(name, new Entry(total[0], total[1])));
    return out;
  }
}
