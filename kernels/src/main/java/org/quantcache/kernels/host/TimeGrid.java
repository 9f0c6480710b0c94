package org.quantcache.kernels.host;

import java.nio.FloatBuffer;
import org.quantcache.ir.diagnostics.UserError;

/** Times of a rectified-flow sampler; model sections 5.3 and 5.4. */
public final class TimeGrid {
  private TimeGrid() {}

  /**
   * {@code sampler.time_grid}: {@code t_i = train (1 - i/n)}, shifted to {@code train * r tau / (1 + (r - 1) tau)} with
   * {@code r = sqrt(height width / 512^2) * sqrt(F)}, F = 1 for a picture, else 5 floor(frames / 17).
   *
   * @param height [batch] pixels
   * @param width [batch] pixels
   * @param frames [batch] frames of the video, not of the latent
   * @param out [steps, batch]
   * @throws UserError RT0104 for 2..16 frames with a shift, where the original divides 0 by 0, and for sizes that are no
   *     positive numbers
   */
  public static void fill(
      FloatBuffer height,
      FloatBuffer width,
      FloatBuffer frames,
      int batch,
      int steps,
      int train,
      boolean transform,
      boolean discrete,
      FloatBuffer out) {
    for (int i = 0; i < steps; i++) {
      double share = 1.0 - (double) i / steps;
      float time = (float) (share * train);
      float start = discrete ? (float) Math.rint(time) : time;
      for (int b = 0; b < batch; b++) {
        float value =
            transform ? shifted(start, height.get(b), width.get(b), frames.get(b), train) : start;
        out.put(i * batch + b, value);
      }
    }
  }

  private static float shifted(float time, float height, float width, float frames, int train) {
    float tau = time / train;
    float space = (float) Math.sqrt(height * width / (512f * 512f));
    float length = frames == 1 ? 1 : (float) Math.floor(frames / 17f) * 5;
    float ratio = space * (float) Math.sqrt(length);
    // Also false for a ratio that is not a number.
    if (!(ratio > 0 && ratio < Float.POSITIVE_INFINITY)) {
      throw UserError.of(
              "RT0104",
              "the time shift is not defined for %s frames of %s x %s pixels",
              frames,
              height,
              width)
          .withHint("use 1 frame or at least 17, or a sampler without use_timestep_transform");
    }
    float moved = ratio * tau / (1 + (ratio - 1) * tau);
    return moved * train;
  }

  /**
   * {@code sampler.step_size}: {@code (t_i - t_(i+1)) / train}; behind the last step t is 0.
   *
   * @param grid [steps, batch]
   * @param out [batch]
   */
  public static void stepSize(
      FloatBuffer grid, int steps, int batch, int step, int train, FloatBuffer out) {
    for (int b = 0; b < batch; b++) {
      float now = grid.get(step * batch + b);
      float next = step + 1 < steps ? grid.get((step + 1) * batch + b) : 0;
      out.put(b, (now - next) / train);
    }
  }
}
