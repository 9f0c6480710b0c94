package org.quantcache.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class GaussianNoiseTest {
  private static float[] fill(long seed, long stream, long first, int count) {
    float[] out = new float[count];
    new GaussianNoise(seed, stream).fill(first, count, FloatBuffer.wrap(out));
    return out;
  }

  /** From another implementation of the same definition, in another language. */
  @Test
  void theFirstNumbersOfKnownSeedsAreFixed() {
    assertThat(fill(0, 0, 0, 6))
        .containsExactly(
            -0.9156358f, -1.3019221f, -0.63938564f, 0.5487037f, 0.2166028f, -0.89163405f);
    assertThat(fill(42, 0, 0, 6))
        .containsExactly(
            -0.4693283f, 0.7067948f, -0.2997672f, 0.025773782f, -1.029548f, -2.0821867f);
    assertThat(fill(42, 1, 0, 6))
        .containsExactly(
            1.3197254f, -0.110448144f, -1.5319228f, -0.06500555f, -0.7543292f, -0.43362552f);
    assertThat(fill(-1, 7, 0, 6))
        .containsExactly(
            -0.9866545f, 0.35605988f, 0.27255836f, -0.13294055f, -0.65036434f, 0.47135845f);
    assertThat(new GaussianNoise(42, 1).at(1_000_001)).isEqualTo(-0.12558359f);
  }

  @Test
  void howTheNumbersAreCutIntoPiecesDoesNotMatter() {
    float[] whole = fill(3, 2, 0, 1000);
    for (int chunk : new int[] {1, 2, 3, 7, 64, 999}) {
      for (int first = 0; first < whole.length; first += chunk) {
        int count = Math.min(chunk, whole.length - first);
        float[] part = fill(3, 2, first, count);
        for (int i = 0; i < count; i++) {
          assertThat(part[i]).isEqualTo(whole[first + i]);
        }
      }
    }
    assertThat(fill(3, 2, 5, 0)).isEmpty();
  }

  @Test
  void placesBeyondTheRangeOfIntAreNumbersOfTheirOwn() {
    long far = 1L << 40;
    float[] found = fill(3, 2, far, 4);
    assertThat(found[1]).isEqualTo(new GaussianNoise(3, 2).at(far + 1));
    assertThat(found).isNotEqualTo(fill(3, 2, 0, 4));
  }

  @Test
  void otherSeedsAndOtherStreamsAreOtherNumbers() {
    float[] first = fill(1, 0, 0, 64);
    for (long[] other : new long[][] {{2, 0}, {1, 1}, {-1, 0}, {0, 0}, {0, 1}, {1L << 32, 0}}) {
      float[] second = fill(other[0], other[1], 0, 64);
      int same = 0;
      for (int i = 0; i < 64; i++) {
        same += first[i] == second[i] ? 1 : 0;
      }
      assertThat(same).as("seed %d stream %d", other[0], other[1]).isLessThan(3);
    }
  }

  @Test
  void aMillionNumbersHaveTheMomentsOfTheNormalDistribution() {
    int count = 1_000_000;
    float[] x = fill(9, 0, 0, count);
    double[] moments = new double[5];
    double neighbours = 0;
    int beyondThree = 0;
    for (int i = 0; i < count; i++) {
      for (int power = 1; power <= 4; power++) {
        moments[power] += Math.pow(x[i], power) / count;
      }
      neighbours += i == 0 ? 0 : (double) x[i] * x[i - 1] / count;
      beyondThree += Math.abs(x[i]) > 3 ? 1 : 0;
    }
    // Five standard deviations of each estimate.
    assertThat(moments[1]).isCloseTo(0, within(5 * Math.sqrt(1.0 / count)));
    assertThat(moments[2]).isCloseTo(1, within(5 * Math.sqrt(2.0 / count)));
    assertThat(moments[3]).isCloseTo(0, within(5 * Math.sqrt(15.0 / count)));
    assertThat(moments[4]).isCloseTo(3, within(5 * Math.sqrt(96.0 / count)));
    assertThat(neighbours).isCloseTo(0, within(5 * Math.sqrt(1.0 / count)));
    assertThat((double) beyondThree).isCloseTo(2700, within(5 * Math.sqrt(2700)));
  }
}
