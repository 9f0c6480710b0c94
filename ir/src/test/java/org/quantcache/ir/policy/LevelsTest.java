package org.quantcache.ir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers by range of divergence. */
class LevelsTest {
  @ParameterizedTest
  @CsvSource({"0, 8", "0.049, 8", "0.05, 4", "0.0999, 4", "0.1, 2", "Infinity, 2", "NaN, 2"})
  void aDivergenceBelowABoundTakesItsValue(double divergence, long expected) {
    assertThat(Levels.parse("0.05:8/0.1:4/2").at(divergence)).isEqualTo(expected);
  }

  @Test
  void aSingleValueDoesNotVary() {
    Levels one = Levels.parse("7");
    assertThat(one).isEqualTo(new Levels(List.of(), List.of(7L)));
    assertThat(one.vary()).isFalse();
    assertThat(one.at(3)).isEqualTo(7);
    assertThat(Levels.parse("0.1:7/1").vary()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0.1:8/0.1:4/2, ascend",
    "0.2:8/0.1:4/2, ascend",
    "0:8/2, positive",
    "-1:8/2, positive",
    "0.1.2:8/2, is no number",
    "8/2, one level more",
    "0.1:8/0.2:4, one level more"
  })
  void whatIsOutOfOrderIsRefused(String text, String reason) {
    assertThatThrownBy(() -> Levels.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }
}
