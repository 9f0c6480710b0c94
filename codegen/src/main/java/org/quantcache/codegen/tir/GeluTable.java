package org.quantcache.codegen.tir;

import java.util.Arrays;

/**
 * GELU for vectors of 16 lanes (AVX-512), whose processors look up a number of 16 in one instruction:
 * {@code gelu(x) = max(x, 0) + h(|x|)}, h piecewise a polynomial of the fourth degree. Absolute error below 3e-7, exact for
 * 0; fewer operations than an exponential, and none of the quotient, which takes as long as six of them.
 */
final class GeluTable {
  static final int LANES = 16;

  private static final int DEGREE = 4;
  /** From here on h is 0 to 2e-8. */
  private static final double BOUND = 5.4;
  /** Pieces in a unit of x: piece i has |x| SCALE within 1/2 of i. */
  private static final double SCALE = (LANES - 0.51) / BOUND;
  /** Adding this rounds to a whole number and leaves that number in the low bits. */
  private static final double ROUNDER = 12582912;

  private GeluTable() {}

  static Expr gelu(Body body, Expr x) {
    Tir t = body.tir();
    // In this order the smaller one is not a number where x is none.
    Expr held = body.let("held", t.min(t.widen(t.real(BOUND), LANES), magnitude(t, x)));
    Expr scaled = t.mul(held, t.real(SCALE));
    Expr shifted = body.let("t", t.add(scaled, t.real(ROUNDER)));
    Expr d = body.let("d", t.sub(scaled, t.sub(shifted, t.real(ROUNDER))));
    Expr piece = body.let("piece", t.reinterpret(shifted, "int32"));
    Expr y = coefficient(t, DEGREE, piece);
    for (int power = DEGREE - 1; power >= 0; power--) {
      y = body.let("y", t.add(t.mul(y, d), coefficient(t, power, piece)));
    }
    return body.let("g", t.add(y, t.max(t.widen(t.real(0), LANES), x)));
  }

  private static Expr magnitude(Tir t, Expr x) {
    Expr bits = t.bitsOfBoth(t.reinterpret(x, "int32"), t.integer(Integer.MAX_VALUE));
    return t.reinterpret(bits, "float32");
  }

  private static Expr coefficient(Tir t, int power, Expr index) {
    double[] column = new double[LANES];
    for (int piece = 0; piece < LANES; piece++) {
      column[piece] = polynomial(piece)[power];
    }
    return t.instruction(
        "llvm.x86.avx512.permvar.sf.512", "float32", LANES, t.vector(column), index);
  }

  /** gelu(-|x|), |x| in pieces. */
  private static double h(double at) {
    double x = -at / SCALE;
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  /**
   * Coefficients of the polynomial in {@code d = |x| SCALE - piece} that meets h at Chebyshev's points, lowest power
   * first; that of piece 0 is 0 at 0.
   */
  static double[] polynomial(int piece) {
    double first = piece == 0 ? 0 : -0.5;
    double[] points = new double[DEGREE + 1];
    double[] differences = new double[DEGREE + 1];
    for (int i = 0; i <= DEGREE; i++) {
      double cosine = -Math.cos((2 * i + 1) * Math.PI / (2 * DEGREE + 2));
      points[i] = piece == 0 && i == 0 ? 0 : first + (0.5 - first) * (cosine + 1) / 2;
      differences[i] = h(piece + points[i]);
    }
    for (int order = 1; order <= DEGREE; order++) {
      for (int i = DEGREE; i >= order; i--) {
        differences[i] = (differences[i] - differences[i - 1]) / (points[i] - points[i - order]);
      }
    }
    // Newton's form, multiplied out from the inside.
    double[] out = new double[DEGREE + 1];
    for (int i = DEGREE; i >= 0; i--) {
      double[] before = Arrays.copyOf(out, out.length);
      for (int power = 0; power <= DEGREE; power++) {
        out[power] = (power > 0 ? before[power - 1] : differences[i]) - points[i] * before[power];
      }
    }
    return out;
  }
}
