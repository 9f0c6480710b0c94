package org.quantcache.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

/** Model sections 3.2, 3.3 and 3.6. */
class TablesTest {
  /** A float angle of this size is off by half a unit of its last place. */
  private static double angleError(double angle) {
    return 3e-7 * (1 + Math.abs(angle));
  }

  @Test
  void timesBecomeCosinesThenSines() {
    float[] times = {0, 1, 999.5f};
    float[] out = new float[3 * 8];
    Tables.timestep(FloatBuffer.wrap(times), 3, 8, 10000, FloatBuffer.wrap(out));
    for (int b = 0; b < 3; b++) {
      for (int k = 0; k < 4; k++) {
        double angle = times[b] * Math.exp(-Math.log(10000) * k / 4);
        assertThat((double) out[8 * b + k]).isCloseTo(Math.cos(angle), within(angleError(angle)));
        assertThat((double) out[8 * b + 4 + k])
            .isCloseTo(Math.sin(angle), within(angleError(angle)));
      }
    }
    assertThat(java.util.Arrays.copyOf(out, 8)).containsExactly(1, 1, 1, 1, 0, 0, 0, 0);
  }

  @Test
  void theSmallestTimeTableHasOneCosineAndOneSine() {
    float[] out = new float[2];
    Tables.timestep(FloatBuffer.wrap(new float[] {2}), 1, 2, 10000, FloatBuffer.wrap(out));
    assertThat(out).containsExactly((float) Math.cos(2), (float) Math.sin(2));
  }

  @Test
  void placesBecomeSinesAndCosinesOfTheColumnThenOfTheRow() {
    int rows = 3;
    int columns = 5;
    int channels = 8;
    float[] out = new float[rows * columns * channels];
    Tables.position(240, 426, rows, columns, channels, 512, FloatBuffer.wrap(out));
    double sigma = Math.sqrt(240.0 * 426) / 512;
    double base = Math.rint(Math.sqrt(rows * columns));
    assertThat(base).isEqualTo(4);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < 2; k++) {
          double omega = Math.pow(10000, -2.0 * k / 4);
          double x = j / sigma * (base / columns) * omega;
          double y = i / sigma * (base / rows) * omega;
          int at = (i * columns + j) * channels + k;
          assertThat((double) out[at]).isCloseTo(Math.sin(x), within(angleError(x)));
          assertThat((double) out[at + 2]).isCloseTo(Math.cos(x), within(angleError(x)));
          assertThat((double) out[at + 4]).isCloseTo(Math.sin(y), within(angleError(y)));
          assertThat((double) out[at + 6]).isCloseTo(Math.cos(y), within(angleError(y)));
        }
      }
    }
  }

  @Test
  void aSinglePlaceIsTheOrigin() {
    float[] out = new float[4];
    Tables.position(512, 512, 1, 1, 4, 512, FloatBuffer.wrap(out));
    assertThat(out).containsExactly(0, 1, 0, 1);
  }

  @Test
  void rotationFrequenciesFallFromOneByPowersOfTheBase() {
    float[] out = new float[36];
    Tables.ropeFrequencies(36, 10000, FloatBuffer.wrap(out));
    for (int i = 0; i < 36; i++) {
      assertThat((double) out[i]).isCloseTo(Math.pow(10000, -2.0 * i / 72), within(1e-7 * out[i]));
    }
    assertThat(out[0]).isEqualTo(1);
  }

  @Test
  void theRotationTableHoldsCosineAndSineOfPositionTimesFrequency() {
    float[] frequencies = {1, 0.1f, 1e-4f};
    float[] out = new float[19 * 3 * 2];
    Tables.ropeTable(FloatBuffer.wrap(frequencies), 3, 19, FloatBuffer.wrap(out));
    for (int p = 0; p < 19; p++) {
      for (int i = 0; i < 3; i++) {
        double angle = (double) p * frequencies[i];
        assertThat((double) out[(p * 3 + i) * 2])
            .isCloseTo(Math.cos(angle), within(angleError(angle)));
        assertThat((double) out[(p * 3 + i) * 2 + 1])
            .isCloseTo(Math.sin(angle), within(angleError(angle)));
      }
    }
    assertThat(java.util.Arrays.copyOf(out, 6)).containsExactly(1, 0, 1, 0, 1, 0);
  }
}
