package org.quantcache.ir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a change adds to the sum, and what the sum decides. */
class AccumulatePolicyTest {
  private static AccumulatePolicy policy(double threshold, Double... rescale) {
    return new AccumulatePolicy(
        threshold, List.of(rescale), new AlwaysComputed(1, 1, 0, 1), DivergenceMetric.RELATIVE);
  }

  @Test
  void theHighestPowerStandsFirst() {
    // 2 * 3^2 - 5 * 3 + 0.5, on top of 10.
    assertThat(policy(1, 2.0, -5.0, 0.5).accumulated(10, 3)).isCloseTo(13.5, within(1e-12));
    assertThat(policy(1, 1.0, 0.0).accumulated(0.25, 0.5)).isEqualTo(0.75);
    assertThat(policy(1, 0.1).accumulated(0, 99)).isEqualTo(0.1);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "-3, 1", "0.0999, 1", "0.1, 0", "0.2, 0", "Infinity, 0", "NaN, 0"})
  void onlyASumBelowTheThresholdPutsTheComputationOff(double sum, long interval) {
    assertThat(policy(0.1, 1.0, 0.0).interval(sum)).isEqualTo(interval);
  }

  @Test
  void whatTheRegionReadsIsMeasured() {
    assertThat(policy(0.1, 1.0, 0.0).measures()).isTrue();
    assertThat(policy(0.1, 1.0, 0.0).measuresInput()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0, true", "1, false", "18, false", "19, true"})
  void theFirstAndTheLastStepAreComputed(int step, boolean always) {
    assertThat(policy(0.1, 1.0, 0.0).always(step, 20)).isEqualTo(always);
  }

  @Test
  void theFormInIrComesBackAsItWas() {
    AccumulatePolicy policy = policy(0.1, 217.5, -118.3, 0.048);
    assertThat(GuardPolicy.of(policy.attribute())).isEqualTo(policy);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, threshold is positive",
    "-1, 1, threshold is positive",
    "NaN, 1, threshold is positive",
    "Infinity, 1, threshold is positive",
    "0.1, 0, not all of them 0",
    "0.1, NaN, are numbers"
  })
  void numbersWithoutMeaningAreRefused(double threshold, double coefficient, String reason) {
    assertThatThrownBy(() -> policy(threshold, coefficient))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aPolynomialHasCoefficients() {
    assertThatThrownBy(() -> policy(0.1)).hasMessageContaining("coefficients");
  }
}
