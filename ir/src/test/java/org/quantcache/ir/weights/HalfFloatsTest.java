package org.quantcache.ir.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

final class HalfFloatsTest {
  private static final int HALF_INFINITY = 0x7c00;
  private static final int BFLOAT_INFINITY = 0x7f80;

  @Test
  void everyHalfHasTheValueOfItsDefinition() {
    for (int bits = 0; bits < 0x8000; bits++) {
      int exponent = bits >>> 10;
      int mantissa = bits & 0x3ff;
      Float expected = exponent == 31
          ? (mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
          : (float)
              (exponent == 0
                  ? mantissa * 0x1p-24
                  : Math.scalb(1 + mantissa * 0x1p-10, exponent - 15));
      assertThat(HalfFloats.fromHalf((short) bits)).isEqualTo(expected);
      float negative = HalfFloats.fromHalf((short) (bits | 0x8000));
      assertThat(Float.floatToRawIntBits(negative) >>> 31).isEqualTo(1);
      assertThat(Math.abs(negative)).isEqualTo(expected);
    }
  }

  @Test
  void everyHalfSurvivesTheWayThroughFloat() {
    for (int bits = 0; bits < 0x1_0000; bits++) {
      float value = HalfFloats.fromHalf((short) bits);
      if (Float.isNaN(value)) {
        assertThat(HalfFloats.fromHalf(HalfFloats.toHalf(value))).isNaN();
      } else {
        assertThat(HalfFloats.toHalf(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void everyBfloat16SurvivesTheWayThroughFloat() {
    for (int bits = 0; bits < 0x1_0000; bits++) {
      float value = HalfFloats.fromBfloat16((short) bits);
      assertThat(Float.floatToRawIntBits(value)).isEqualTo(bits << 16);
      if (Float.isNaN(value)) {
        assertThat(HalfFloats.fromBfloat16(HalfFloats.toBfloat16(value))).isNaN();
      } else {
        assertThat(HalfFloats.toBfloat16(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void aValueBetweenTwoHalvesGoesToTheNearerAndATieToTheEven() {
    // The last gap ends at 65536, where the next half would lie if there were one: beyond the tie
    // it is infinite.
    checkGaps(
        HALF_INFINITY,
        bits -> bits == HALF_INFINITY ? 65536 : HalfFloats.fromHalf((short) bits),
        HalfFloats::toHalf);
  }

  @Test
  void aValueBetweenTwoBfloat16sGoesToTheNearerAndATieToTheEven() {
    checkGaps(
        BFLOAT_INFINITY,
        bits -> bits == BFLOAT_INFINITY ? 0x1p128 : HalfFloats.fromBfloat16((short) bits),
        HalfFloats::toBfloat16);
  }

  @Test
  void halfRoundingAgreesWithItsErrorBoundOnRandomFloats() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      float value = (float) Math.scalb(random.nextDouble() * 2 - 1, random.nextInt(44) - 27);
      double error = Math.abs((double) HalfFloats.fromHalf(HalfFloats.toHalf(value)) - value);
      double unit = Math.scalb(1.0, Math.max(Math.getExponent(value), -14) - 10);
      assertThat(error).as("%s", value).isLessThanOrEqualTo(unit / 2);
    }
  }

  @Test
  void infinitiesStayAndWhatIsTooLargeBecomesInfinite() {
    assertThat(HalfFloats.toHalf(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xfc00);
    assertThat(HalfFloats.toHalf(Float.MAX_VALUE)).isEqualTo((short) 0x7c00);
    assertThat(HalfFloats.toHalf(65504)).isEqualTo((short) 0x7bff);
    assertThat(HalfFloats.toBfloat16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xff80);
    assertThat(HalfFloats.toBfloat16(Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
  }

  /** A NaN whose set bits all lie below the kept ones must not become infinite. */
  @Test
  void aNanOfLowBitsStaysNan() {
    float nan = Float.intBitsToFloat(0x7f80_0001);
    assertThat(HalfFloats.fromHalf(HalfFloats.toHalf(nan))).isNaN();
    assertThat(HalfFloats.fromBfloat16(HalfFloats.toBfloat16(nan))).isNaN();
  }

  private interface Rounding {
    short round(float value);
  }

  /** Checks below, on and above the middle of each gap between the values of {@code 0..infinity}, for both signs. */
  private static void checkGaps(int infinity, IntFunction<Number> valueOf, Rounding rounding) {
    for (int bits = 0; bits < infinity; bits++) {
      double low = valueOf.apply(bits).doubleValue();
      double high = valueOf.apply(bits + 1).doubleValue();
      float middle = (float) ((low + high) / 2);
      assertThat((double) middle).isEqualTo((low + high) / 2);
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(rounding.round(middle)).as("middle of gap %d", bits).isEqualTo((short) even);
      assertThat(rounding.round(-middle)).isEqualTo((short) (even | 0x8000));
      assertThat(rounding.round(Math.nextDown(middle)))
          .as("below middle of gap %d", bits)
          .isEqualTo((short) bits);
      assertThat(rounding.round(Math.nextUp(middle)))
          .as("above middle of gap %d", bits)
          .isEqualTo((short) (bits + 1));
    }
  }
}
