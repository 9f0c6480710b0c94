package org.quantcache.tools.calibrate;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.DivergenceCurve;
import org.quantcache.passes.observe.ObservePass;

/** Follows one run and measures how the value of the default probe changes from step to step and from frame to frame. */
final class ProbeFollower implements StepObserver {
  private final List<Double> changes = new ArrayList<>();
  private float[] previous = new float[0];
  private double gradients;
  private int moving;

  @Override
  public boolean wants(String series) {
    return series.equals(ObservePass.PROBE);
  }

  /** @param value {@code [B, T, S, C]} */
  @Override
  public void observed(String series, int index, int total, Tensor value) {
    FloatBuffer data = value.data().asFloatBuffer();
    float[] now = new float[data.capacity()];
    data.get(now);
    if (previous.length > 0) {
      changes.add(RelativeL1.of(now, previous));
    }
    previous = now;
    int frame = (int) (value.size(2) * value.size(3));
    OptionalDouble gradient = gradient(now, (int) value.size(1), frame);
    if (gradient.isPresent()) {
      gradients += gradient.getAsDouble();
      moving++;
    }
  }

  /** Differences of neighbouring frames over their magnitudes; empty where there are none. */
  private static OptionalDouble gradient(float[] value, int frames, int frame) {
    double difference = 0;
    double pairs = 0;
    for (int i = frame; i < value.length; i++) {
      if (i / frame % frames > 0) {
        difference += Math.abs(value[i] - value[i - frame]);
        pairs += Math.abs(value[i]) + Math.abs(value[i - frame]);
      }
    }
    return pairs > 0 ? OptionalDouble.of(difference / pairs) : OptionalDouble.empty();
  }

  /**
   * The mean of this run and those before it.
   *
   * @param before the mean of the cases before this one, if there are any
   * @return empty when the program did not show the probe at two steps
   */
  Optional<DivergenceCurve> after(Optional<DivergenceCurve> before) {
    if (changes.isEmpty()) {
      return Optional.empty();
    }
    int cases = before.map(DivergenceCurve::cases).orElse(0);
    List<Double> mean = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      double known = before.isPresent() ? before.get().changes().get(i) : 0;
      mean.add((known * cases + changes.get(i)) / (cases + 1));
    }
    double known = before.isPresent() ? before.get().motionMean().orElse(0) : 0;
    OptionalDouble motion = moving == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((known * cases + gradients / moving) / (cases + 1));
    return Optional.of(new DivergenceCurve(cases + 1, mean, motion));
  }
}
