package org.quantcache.ir.attributes;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Decimal spelling of a double with as few digits as read back to the same bits, in the form of {@link
 * Double#toString(double)}. That method itself gives other digits for some numbers on other releases of the JDK, which
 * would change texts and hashes.
 */
final class FloatText {
  private static final int MOST_DIGITS = 17;

  private FloatText() {}

  static String of(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value > 0 ? "0.0" : "-0.0";
    }
    return spell(shortest(value));
  }

  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; digits < MOST_DIGITS; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded;
      }
    }
    return exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN));
  }

  private static String spell(BigDecimal value) {
    BigDecimal trimmed = value.stripTrailingZeros();
    String digits = trimmed.unscaledValue().abs().toString();
    int exponent = digits.length() - trimmed.scale() - 1;
    if (exponent >= -3 && exponent < 7) {
      String plain = trimmed.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String fraction = digits.length() > 1 ? digits.substring(1) : "0";
    String sign = trimmed.signum() < 0 ? "-" : "";
    return sign + digits.charAt(0) + "." + fraction + "E" + exponent;
  }
}
