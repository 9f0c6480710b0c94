package org.quantcache.ir.attributes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Floats are spelled shortly and read back to the same bits. */
class FloatTextTest {
  @ParameterizedTest
  @CsvSource({
    "0.0, 0.0",
    "-0.0, -0.0",
    "1, 1.0",
    "-1.5, -1.5",
    "0.001, 0.001",
    "0.00099, 9.9E-4",
    "1e-6, 1.0E-6",
    "9999999, 9999999.0",
    "10000000, 1.0E7",
    "2e-3, 0.002",
    "2.0E-323, 2.0E-323",
    "4.9E-324, 5.0E-324",
    "1.7976931348623157E308, 1.7976931348623157E308",
    "1.0E23, 1.0E23",
    "0.1, 0.1",
    "NaN, nan",
    "Infinity, inf",
    "-Infinity, -inf",
  })
  void knownNumbersHaveTheirSpelling(double value, String text) {
    assertThat(FloatText.of(value)).isEqualTo(text);
  }

  @Test
  void everyFiniteFloatReadsBackToItsBits() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 20_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        String text = FloatText.of(value);
        assertThat(Double.doubleToRawLongBits(Double.parseDouble(text)))
            .isEqualTo(Double.doubleToRawLongBits(value));
        assertThat(text.length()).isLessThanOrEqualTo(Double.toString(value).length());
      }
    }
  }
}
