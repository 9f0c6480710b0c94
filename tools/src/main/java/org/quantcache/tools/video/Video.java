package org.quantcache.tools.video;

import java.util.List;
import java.util.OptionalDouble;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.tensor.Tensor;

/**
 * A generated video.
 *
 * @param latents {@code [videos, channels, frames, rows, columns]}
 * @param seconds that the sampling loop took
 * @param stepMillis time of each step
 * @param trace what was decided; empty for a program that decides nothing
 */
public record Video(Tensor latents, double seconds, List<Double> stepMillis, DecisionTrace trace) {
  public Video {
    stepMillis = List.copyOf(stepMillis);
  }

  /** Mean bits of activations that follow the step, over the computed steps. */
  public OptionalDouble stepBits() {
    return trace.guards().values().stream()
        .flatMap(List::stream)
        .mapToInt(Decision::bits)
        .filter(bits -> bits > 0)
        .average();
  }

  /** Mean number of steps at which the guarded regions were computed; all of them without guards. */
  public double computedSteps() {
    return trace.guards().keySet().stream()
        .mapToLong(trace::computed)
        .average()
        .orElse(stepMillis.size());
  }
}
