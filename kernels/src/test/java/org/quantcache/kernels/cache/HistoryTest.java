package org.quantcache.kernels.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The weights of a history foretell what polynomials of their degree do. */
class HistoryTest {
  private static History of(double reach, int... steps) {
    History out = new History(reach);
    for (int step : steps) {
      out.computed(step);
    }
    return out;
  }

  private static double foretold(
      History history, int step, int length, IntToDoubleFunction value, int... newestFirst) {
    float[] weights = history.weights(step, length);
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += weights[i] == 0 ? 0 : weights[i] * value.applyAsDouble(newestFirst[i]);
    }
    return sum;
  }

  @Test
  void oneValueIsHeld() {
    assertThat(of(9, 3, 7).weights(11, 1)).containsExactly(1);
  }

  @Test
  void polynomialsAreContinuedExactly() {
    Random random = new Random(1);
    for (int round = 0; round < 200; round++) {
      int c = random.nextInt(5);
      int b = c + 1 + random.nextInt(5);
      int a = b + 1 + random.nextInt(5);
      int at = a + 1 + random.nextInt(9);
      History history = of(100, c, b, a);
      assertThat(foretold(history, at, 2, s -> 3 - 2.0 * s, a, b))
          .isCloseTo(3 - 2.0 * at, within(1e-4));
      assertThat(foretold(history, at, 3, s -> 1 + s - 0.5 * s * s, a, b, c))
          .isCloseTo(1 + at - 0.5 * at * at, within(1e-2));
    }
  }

  @Test
  void beyondItsReachALineStaysWhereItIs() {
    History history = of(2, 0, 3);
    assertThat(foretold(history, 9, 2, s -> s, 3, 0)).isCloseTo(9, within(1e-5));
    assertThat(foretold(history, 20, 2, s -> s, 3, 0)).isCloseTo(9, within(1e-5));
    assertThat(foretold(of(0, 0, 3), 20, 2, s -> s, 3, 0)).isEqualTo(3);
  }

  @Test
  void aShortHistoryIsContinuedByALowerDegree() {
    assertThat(of(9, 4).weights(6, 3)).containsExactly(1, 0, 0);
    assertThat(of(9, 2, 4).weights(6, 3)).containsExactly(2, -1, 0);
  }
}
