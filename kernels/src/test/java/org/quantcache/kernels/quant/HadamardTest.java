package org.quantcache.kernels.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class HadamardTest {
  private static final Offset<Double> ROUNDED = Offset.offset(1e-12);

  private final Random random = new Random(1);

  private double[] random(int count) {
    return random.doubles(count, -3, 3).toArray();
  }

  @Test
  void itIsTheMatrixOfSignsByTheirCommonBits() {
    for (int block = 1; block <= 64; block *= 2) {
      double[] x = random(3 * block);
      double[] y = x.clone();
      Hadamard.transform(y, y.length, block);
      for (int i = 0; i < x.length; i++) {
        double sum = 0;
        for (int j = 0; j < block; j++) {
          int sign = Integer.bitCount(i % block & j) % 2 == 0 ? 1 : -1;
          sum += sign * x[i / block * block + j];
        }
        assertThat(y[i]).isCloseTo(sum / Math.sqrt(block), ROUNDED);
      }
    }
  }

  @Test
  void itKeepsLengthsAndUndoesItself() {
    double[] x = random(256);
    double[] y = x.clone();
    Hadamard.transform(y, 256, 128);
    double before = 0;
    double after = 0;
    for (int i = 0; i < 256; i++) {
      before += x[i] * x[i];
      after += y[i] * y[i];
    }
    assertThat(after).isCloseTo(before, Offset.offset(1e-9));
    Hadamard.transform(y, 256, 128);
    for (int i = 0; i < 256; i++) {
      assertThat(y[i]).isCloseTo(x[i], ROUNDED);
    }
  }

  @Test
  void theRoundedFormStaysClose() {
    double[] exact = random(128);
    float[] rounded = new float[128];
    for (int i = 0; i < 128; i++) {
      rounded[i] = (float) exact[i];
      exact[i] = rounded[i];
    }
    Hadamard.transform(exact, 128, 128);
    Hadamard.transform(rounded, 128, 128);
    for (int i = 0; i < 128; i++) {
      assertThat((double) rounded[i]).isCloseTo(exact[i], Offset.offset(1e-5));
    }
  }

  @Test
  void blocksMustFillTheRow() {
    assertThatThrownBy(() -> Hadamard.transform(new double[12], 12, 8))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Hadamard.transform(new double[12], 12, 6))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
