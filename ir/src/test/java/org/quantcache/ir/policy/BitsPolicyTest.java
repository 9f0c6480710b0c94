package org.quantcache.ir.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bits by divergence, and where divergence does not count. */
class BitsPolicyTest {
  private static final BitsPolicy IMPORTANCE =
      new BitsPolicy(new Levels(List.of(0.1, 0.2), List.of(4L, 6L, 8L)), 1, 2, 5);

  private static int bits(int step, double divergence, int gap) {
    return IMPORTANCE.bits(step, 20, OptionalDouble.of(divergence), gap);
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "0.09999, 4", "0.1, 6", "0.19999, 6", "0.2, 8", "1e300, 8"})
  void aDivergenceOnABoundTakesTheLevelAbove(double divergence, int expected) {
    assertThat(bits(10, divergence, 1)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, 8", "1, 4", "17, 4", "18, 8", "19, 8"})
  void theFirstAndTheLastStepsTakeTheMost(int step, int expected) {
    assertThat(bits(step, 0, 1)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, 5, 4", "0, 6, 6", "0.15, 6, 8", "0.3, 6, 8"})
  void behindALongGapOneLevelMoreIsTaken(double divergence, int gap, int expected) {
    assertThat(bits(10, divergence, gap)).isEqualTo(expected);
  }

  @Test
  void whatIsNotKnownTakesTheMost() {
    assertThat(IMPORTANCE.bits(10, 20, OptionalDouble.empty(), 1)).isEqualTo(8);
    BitsPolicy literal =
        new BitsPolicy(new Levels(List.of(0.1, 0.2), List.of(8L, 6L, 4L)), 0, 0, 0);
    assertThat(literal.bits(0, 20, OptionalDouble.of(0.3), 100)).isEqualTo(4);
    assertThat(literal.most()).isEqualTo(8);
  }

  @Test
  void theFormInIrComesBackAsItWas() {
    assertThat(BitsPolicy.of(IMPORTANCE.attribute())).isEqualTo(IMPORTANCE);
  }
}
