package org.quantcache.codegen.tir;

import java.util.List;
import org.quantcache.ir.ops.QuantOps;

/**
 * A grid of numbers {@code value * step + least} with values up to {@code most}, as
 * {@code kernels.quant.RowQuantizer.Grid} defines it.
 *
 * @param step distance of neighbouring numbers
 * @param inverse of the step
 * @param least the number that value 0 stands for
 * @param most the largest value, as a float
 */
record RowGrid(Expr step, Expr inverse, Expr least, Expr most) {
  /** The largest value of {@code bits} bits, or of as many as the buffer holds where there is one. */
  static Expr most(Body body, int bits, Buffer runBits) {
    Tir t = body.tir();
    if (runBits == null) {
      return t.real((1 << bits) - 1);
    }
    Expr asked = t.max(t.load(runBits, t.integer(0), 1), t.integer(QuantOps.LEAST_BITS));
    Expr held = t.min(asked, t.integer(bits));
    return body.let(
        "most", t.cast(t.sub(t.shiftLeft(t.integer(1), held), t.integer(1)), "float32"));
  }

  /** The grid between two numbers. */
  static RowGrid spanning(Body body, Expr least, Expr largest, Expr most) {
    Tir t = body.tir();
    Expr half = t.sub(t.mul(largest, t.real(0.5)), t.mul(least, t.real(0.5)));
    Expr step =
        body.let("step", t.max(t.divide(half, t.mul(most, t.real(0.5))), t.real(Float.MIN_NORMAL)));
    return new RowGrid(step, inverse(body, step), least, most);
  }

  /** The grid that is stored at {@code pair}. */
  static RowGrid load(Body body, Buffer from, Expr pair, Expr most) {
    Tir t = body.tir();
    Expr step = body.let("step", t.load(from, pair, 1));
    Expr least = body.let("least", t.load(from, t.add(pair, 1), 1));
    return new RowGrid(step, inverse(body, step), least, most);
  }

  private static Expr inverse(Body body, Expr step) {
    Tir t = body.tir();
    return body.let("inverse", t.divide(t.real(1), step));
  }

  void store(Body body, Buffer to, Expr pair) {
    body.store(to, step, pair);
    body.store(to, least, body.tir().add(pair, 1));
  }

  /** Rounds vectors of neighbouring numbers and stores them from {@code at} on. */
  void round(Body body, List<Expr> numbers, Buffer to, Expr at) {
    Tir t = body.tir();
    List<Expr> values = numbers.stream().map(number -> value(body, number)).toList();
    int lanes = values.get(0).lanes();
    int i = 0;
    for (;
        BytePacking.packs(lanes) && i + BytePacking.VECTORS <= values.size();
        i += BytePacking.VECTORS) {
      Expr bytes = BytePacking.bytes(body, values.subList(i, i + BytePacking.VECTORS));
      body.store(to, bytes, t.add(at, (long) i * lanes));
    }
    for (; i < values.size(); i++) {
      body.store(to, t.cast(values.get(i), "uint8"), t.add(at, (long) i * lanes));
    }
  }

  /** As uint32. */
  private Expr value(Body body, Expr number) {
    Tir t = body.tir();
    Expr nearest = t.nearestInteger(t.mul(t.sub(number, least), inverse));
    // The largest of a byte is what narrowing stops at.
    return body.let("rounded", t.min(t.cast(nearest, "uint32"), t.cast(most, "uint32")));
  }
}
