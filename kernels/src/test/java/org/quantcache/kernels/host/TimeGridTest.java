package org.quantcache.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.diagnostics.UserError;

/** Model sections 5.3 and 5.4. */
class TimeGridTest {
  private static final int TRAIN = 1000;

  private static float[] grid(
      int steps, float height, float width, float frames, boolean transform, boolean discrete) {
    float[] out = new float[steps];
    TimeGrid.fill(
        one(height),
        one(width),
        one(frames),
        1,
        steps,
        TRAIN,
        transform,
        discrete,
        FloatBuffer.wrap(out));
    return out;
  }

  private static FloatBuffer one(float value) {
    return FloatBuffer.wrap(new float[] {value});
  }

  @Test
  void withoutAShiftTimesFallEvenlyFromFullNoise() {
    assertThat(grid(4, 512, 512, 51, false, false)).containsExactly(1000, 750, 500, 250);
    assertThat(grid(1, 512, 512, 51, false, false)).containsExactly(1000);
    assertThat(grid(3, 512, 512, 51, false, false)[1]).isEqualTo(1000 * 2 / 3f);
    assertThat(grid(3, 512, 512, 51, false, true)).containsExactly(1000, 667, 333);
  }

  /** The second of two times is 1000 r / (1 + r). */
  @ParameterizedTest
  @CsvSource({
    "240, 426, 51, 2.418723",
    "360, 640, 51, 3.630922",
    "480, 854, 51, 4.843120",
    "480, 854, 102, 6.849206",
    "480, 854, 204, 9.686240",
    "512, 512, 51, 3.872983",
    "512, 512, 64, 3.872983",
    "512, 512, 102, 5.477226",
    "720, 1280, 51, 7.261844",
    "720, 1280, 102, 10.269798",
    "720, 1280, 204, 14.523688",
    "512, 512, 1, 1.0"
  })
  void theShiftFollowsSizeAndLength(float height, float width, float frames, double ratio) {
    double second = grid(2, height, width, frames, true, false)[1];
    assertThat(second / (TRAIN - second)).isCloseTo(ratio, within(2e-6 * ratio));
  }

  @Test
  void shiftedTimesAreThoseOfThePublishedSampler() {
    // The published figures are of a ratio that was rounded to 8 bits: 4.84375 in place of 4.84312.
    float[] found = grid(30, 480, 854, 51, true, false);
    double[] first = {1000, 992.931, 985.468, 977.575, 969.216, 960.347};
    double[] last = {426.997, 349.887, 257.048, 143.121};
    for (int i = 0; i < first.length; i++) {
      assertThat((double) found[i]).isCloseTo(first[i], within(0.035));
    }
    for (int i = 0; i < last.length; i++) {
      assertThat((double) found[26 + i]).isCloseTo(last[i], within(0.035));
    }
    for (int i = 0; i < 30; i++) {
      double tau = 1 - i / 30.0;
      double ratio = Math.sqrt(480.0 * 854 / (512 * 512)) * Math.sqrt(15);
      assertThat((double) found[i])
          .isCloseTo(TRAIN * ratio * tau / (1 + (ratio - 1) * tau), within(1e-3));
    }
  }

  @Test
  void timesFallStrictlyFromTheTopAndStayAboveZero() {
    for (int steps : new int[] {1, 2, 7, 30, 100, 1000}) {
      for (float frames : new float[] {1, 17, 51, 204}) {
        float[] found = grid(steps, 144, 256, frames, true, false);
        assertThat(found[0]).isEqualTo(1000);
        for (int i = 1; i < steps; i++) {
          assertThat(found[i]).isLessThan(found[i - 1]).isPositive();
        }
      }
    }
  }

  @Test
  void everyVideoOfABatchHasTimesOfItsOwn() {
    float[] out = new float[3 * 2];
    TimeGrid.fill(
        FloatBuffer.wrap(new float[] {512, 480}),
        FloatBuffer.wrap(new float[] {512, 854}),
        FloatBuffer.wrap(new float[] {1, 51}),
        2,
        3,
        TRAIN,
        true,
        false,
        FloatBuffer.wrap(out));
    float[] picture = grid(3, 512, 512, 1, true, false);
    float[] video = grid(3, 480, 854, 51, true, false);
    for (int i = 0; i < 3; i++) {
      assertThat(out[2 * i]).isEqualTo(picture[i]);
      assertThat(out[2 * i + 1]).isEqualTo(video[i]);
    }
  }

  @ParameterizedTest
  @CsvSource({"2", "16", "0", "-3"})
  void lengthsForWhichTheShiftIsNotDefinedAreRefused(float frames) {
    assertThatThrownBy(() -> grid(4, 512, 512, frames, true, false))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("RT0104");
          assertThat(e.hint()).contains("17");
        });
    assertThat(grid(2, 512, 512, frames, false, false)).containsExactly(1000, 500);
  }

  @Test
  void sizesForWhichTheShiftIsNotDefinedAreRefused() {
    for (float height : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> grid(4, height, 512, 51, true, false))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0104"));
    }
    for (float frames : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> grid(4, 512, 512, frames, true, false))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0104"));
    }
  }

  @Test
  void stepSizesAddUpToTheWholeWay() {
    float[] grid = grid(30, 480, 854, 51, true, false);
    float[] size = new float[1];
    double sum = 0;
    for (int step = 0; step < 30; step++) {
      TimeGrid.stepSize(FloatBuffer.wrap(grid), 30, 1, step, TRAIN, FloatBuffer.wrap(size));
      assertThat(size[0]).isPositive();
      sum += size[0];
    }
    assertThat(sum).isCloseTo(1, within(1e-6));
    assertThat(size[0]).isEqualTo(grid[29] / TRAIN);
  }

  @Test
  void stepSizesAreThoseOfEachVideo() {
    float[] out = new float[2];
    float[] grid = {1000, 900, 500, 600};
    TimeGrid.stepSize(FloatBuffer.wrap(grid), 2, 2, 0, TRAIN, FloatBuffer.wrap(out));
    assertThat(out).containsExactly(0.5f, 0.3f);
    TimeGrid.stepSize(FloatBuffer.wrap(grid), 2, 2, 1, TRAIN, FloatBuffer.wrap(out));
    assertThat(out).containsExactly(0.5f, 0.6f);
  }
}
