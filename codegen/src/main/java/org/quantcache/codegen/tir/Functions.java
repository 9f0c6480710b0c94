package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;

/** Functions that LLVM would turn into scalar calls of the C library, as polynomials that stay in vector registers. */
final class Functions {
  private static final double LOG2_E = 1.4426950408889634;
  /** ln 2 in two parts: the first has so few bits that its product with a whole number is exact. */
  private static final double LN2_HIGH = 0.693359375;

  private static final double LN2_LOW = -2.12194440e-4;
  /** Adding this rounds to a whole number and leaves that number in the low bits. */
  private static final double ROUNDER = 12582912;
  /** Coefficients of exp(r) = 1 + r + r^2 p(r) on |r| <= ln 2 / 2 (Cephes), highest power first. */
  private static final double[] EXP = {
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1
  };

  /** Coefficients of 2^r on |r| <= 1/2, relative error 8e-8, highest power first. */
  private static final double[] EXP2 = {
    1.327646061e-3, 9.675541244e-3, 5.550713309e-2, 2.402211973e-1, 6.931469670e-1, 1.0000000717
  };

  private static final double MOST_EXPONENT = 126;
  /** -2 sqrt(2/pi) in powers of 2. */
  private static final double GELU_EXPONENT = -2 * Math.sqrt(2 / Math.PI) * LOG2_E;

  private static final double LEAST = -87.3;
  private static final double MOST = 88.3;

  private Functions() {}

  /** e^x, relative error about 1e-7; below -87.3 it stays at e^-87.3. */
  static Expr exp(Body body, Expr value) {
    Tir t = body.tir();
    Expr x = body.let("x", t.min(t.max(value, t.real(LEAST)), t.real(MOST)));
    Expr shifted = body.let("t", t.add(t.mul(x, t.real(LOG2_E)), t.real(ROUNDER)));
    Expr n = body.let("n", t.sub(shifted, t.real(ROUNDER)));
    Expr r = body.let("r", t.sub(t.sub(x, t.mul(n, t.real(LN2_HIGH))), t.mul(n, t.real(LN2_LOW))));
    Expr p = t.widen(t.real(EXP[0]), r.lanes());
    for (int i = 1; i < EXP.length; i++) {
      p = body.let("p", t.add(t.mul(p, r), t.real(EXP[i])));
    }
    Expr y = body.let("y", t.add(t.mul(p, t.mul(r, r)), t.add(r, t.real(1))));
    return body.let("e", scaled(t, y, shifted));
  }

  /**
   * 2^x, relative error about 2e-7; outside of -126 .. 126 it stays at that of the bound. For where x has rounded
   * already, so that the exact remainder that {@link #exp} finds is worth nothing.
   */
  private static Expr exp2(Body body, Expr value) {
    Tir t = body.tir();
    Expr x = body.let("x", t.min(t.max(value, t.real(-MOST_EXPONENT)), t.real(MOST_EXPONENT)));
    Expr shifted = body.let("t", t.add(x, t.real(ROUNDER)));
    Expr r = body.let("r", t.sub(x, t.sub(shifted, t.real(ROUNDER))));
    Expr y = t.widen(t.real(EXP2[0]), r.lanes());
    for (int i = 1; i < EXP2.length; i++) {
      y = body.let("y", t.add(t.mul(y, r), t.real(EXP2[i])));
    }
    return body.let("e", scaled(t, y, shifted));
  }

  /** {@code y} times 2 to the number in the low bits of {@code shifted}. */
  private static Expr scaled(Tir t, Expr y, Expr shifted) {
    Expr exponent = t.shiftLeft(t.reinterpret(shifted, "int32"), t.integer(23));
    return t.reinterpret(t.add(t.reinterpret(y, "int32"), exponent), "float32");
  }

  /** x/2 (1 + tanh(u)) = x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3). */
  static Expr gelu(Body body, Expr x) {
    if (x.lanes() == GeluTable.LANES) {
      return GeluTable.gelu(body, x);
    }
    Tir t = body.tir();
    Expr factor =
        t.add(t.mul(t.mul(x, x), t.real(GELU_EXPONENT * 0.044715)), t.real(GELU_EXPONENT));
    Expr e = exp2(body, t.mul(x, factor));
    return body.let("g", t.divide(x, t.add(e, t.real(1))));
  }

  /** x / (1 + e^-x). */
  static Expr silu(Body body, Expr x) {
    Tir t = body.tir();
    Expr e = exp(body, t.sub(t.widen(t.real(0), x.lanes()), x));
    return body.let("g", t.divide(x, t.add(e, t.real(1))));
  }

  /** |x|, lane by lane. */
  static Expr magnitude(Tir t, Expr x) {
    return t.max(x, t.sub(t.widen(t.real(0), x.lanes()), x));
  }

  /** Sum of the lanes, as a scalar. */
  static Expr sum(Body body, Expr vector) {
    return reduce(body, vector, (a, b) -> body.tir().add(a, b));
  }

  /** Largest lane, as a scalar. */
  static Expr largest(Body body, Expr vector) {
    return reduce(body, vector, (a, b) -> body.tir().max(a, b));
  }

  /** Smallest lane, as a scalar. */
  static Expr smallest(Body body, Expr vector) {
    return reduce(body, vector, (a, b) -> body.tir().min(a, b));
  }

  /** Combines two vectors. */
  private interface Combine {
    Expr apply(Expr a, Expr b);
  }

  private static Expr reduce(Body body, Expr vector, Combine combine) {
    Tir t = body.tir();
    Expr all = body.let("v", vector);
    while (all.lanes() > 1) {
      int half = all.lanes() / 2;
      List<Integer> low = new ArrayList<>();
      List<Integer> high = new ArrayList<>();
      for (int i = 0; i < half; i++) {
        low.add(i);
        high.add(half + i);
      }
      all = body.let("v", combine.apply(t.shuffle(all, low), t.shuffle(all, high)));
    }
    return all;
  }
}
