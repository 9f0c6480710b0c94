package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * GELU for vectors of 16 lanes (AVX-512), whose processors look up a number of 32 in one instruction:
 * {@code gelu(x) = max(x, 0) + h(|x|)}, h piecewise a polynomial of the fourth degree. Absolute error below 1e-7 beside that of
 * the last addition, exact for 0; fewer operations than an exponential, and none of the quotient, which takes as long as
 * six of them.
 */
final class GeluTable {
  static final int LANES = 16;

  private static final int DEGREE = 4;
  private static final int PIECES = 2 * LANES;
  /** Pieces in a unit of x, a power of two, so that one instruction finds the distance from the middle of a piece. */
  private static final int SCALE = 4;

  private static final int SCALE_BITS = 2;
  /** The middle of the last piece; from 5.5 on h is 0 to 1e-8. */
  private static final double BOUND = (PIECES - 1) / (double) SCALE;
  /** Adding this rounds to a whole number of pieces and leaves that number in the low bits. */
  private static final double ROUNDER = 12582912.0 / SCALE;

  /** Of VRANGEPS: the smaller magnitude, without its sign. */
  private static final int SMALLER_MAGNITUDE = 0b1010;
  /** Of VREDUCEPS: what is left of rounding to so many binary places, to the nearest, without exceptions. */
  private static final int REMAINDER = SCALE_BITS << 4 | 0b1000;

  private static final int CURRENT_ROUNDING = 4;

  private GeluTable() {}

  static Expr gelu(Body body, Expr x) {
    Tir t = body.tir();
    Expr bound = t.widen(t.real(BOUND), LANES);
    // The bound where x is not a number; the sum at the end is none all the same.
    Expr held = body.let("held", immediate(t, "range", SMALLER_MAGNITUDE, x, bound));
    Expr piece = body.let("piece", t.reinterpret(t.add(held, t.real(ROUNDER)), "int32"));
    Expr d = body.let("d", immediate(t, "reduce", REMAINDER, held));
    Expr y = coefficient(t, DEGREE, piece);
    for (int power = DEGREE - 1; power >= 0; power--) {
      y = body.let("y", t.add(t.mul(y, d), coefficient(t, power, piece)));
    }
    return body.let("g", t.add(y, t.max(t.widen(t.real(0), LANES), x)));
  }

  /** An instruction that a number in it directs, of all lanes, rounding as the processor is set to. */
  private static Expr immediate(Tir t, String name, int number, Expr... operands) {
    List<Expr> arguments = new ArrayList<>(List.of(operands));
    arguments.add(t.integer(number));
    arguments.add(operands[0]);
    arguments.add(t.cast(t.integer(-1), "int16"));
    arguments.add(t.integer(CURRENT_ROUNDING));
    return t.instruction(
        "llvm.x86.avx512.mask." + name + ".ps.512",
        "float32",
        LANES,
        arguments.toArray(Expr[]::new));
  }

  private static Expr coefficient(Tir t, int power, Expr index) {
    double[] low = new double[LANES];
    double[] high = new double[LANES];
    for (int piece = 0; piece < LANES; piece++) {
      low[piece] = polynomial(piece)[power];
      high[piece] = polynomial(piece + LANES)[power];
    }
    return t.instruction(
        "llvm.x86.avx512.vpermi2var.ps.512",
        "float32",
        LANES,
        t.vector(low),
        index,
        t.vector(high));
  }

  /** gelu(-at). */
  private static double h(double at) {
    double x = -at;
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  /**
   * Coefficients of the polynomial in {@code d = |x| - piece / SCALE} that meets h at Chebyshev's points, lowest power
   * first; that of piece 0 is 0 at 0.
   */
  static double[] polynomial(int piece) {
    double middle = (double) piece / SCALE;
    double last = 0.5 / SCALE;
    double first = piece == 0 ? 0 : -last;
    double[] points = new double[DEGREE + 1];
    double[] differences = new double[DEGREE + 1];
    for (int i = 0; i <= DEGREE; i++) {
      double cosine = -Math.cos((2 * i + 1) * Math.PI / (2 * DEGREE + 2));
      points[i] = piece == 0 && i == 0 ? 0 : first + (last - first) * (cosine + 1) / 2;
      differences[i] = h(middle + points[i]);
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
