package org.quantcache.tools.video;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.kernels.runtime.LaunchProfile;

/**
 * What a run took, by launch and by step; times in microseconds.
 *
 * @param device that it ran on
 * @param stepMicros time of each step, decisions and host work included
 * @param launches in the order in which they ran
 */
public record RunProfile(String device, List<Double> stepMicros, List<Launch> launches) {
  private static final double MICRO = 1e3;

  public RunProfile {
    stepMicros = ImmutableList.copyOf(stepMicros);
    launches = ImmutableList.copyOf(launches);
  }

  /**
   * One launch.
   *
   * @param step in whose turn of the loop it ran
   * @param kernel its name
   * @param at location of the operation that it serves
   * @param op name of that operation
   * @param startMicros since the run began
   * @param micros that it took
   */
  public record Launch(
      int step, String kernel, String at, String op, double startMicros, double micros) {}

  /** What was measured in a run. */
  public static RunProfile of(String device, LaunchProfile profile) {
    return new RunProfile(
        device,
        profile.stepNanos().stream().map(nanos -> nanos / MICRO).toList(),
        profile.launches().stream()
            .map(one -> new Launch(
                one.step(),
                one.kernel(),
                one.place().at(),
                one.place().operation(),
                one.startNanos() / MICRO,
                one.nanos() / MICRO))
            .collect(Collectors.toList()));
  }
}
