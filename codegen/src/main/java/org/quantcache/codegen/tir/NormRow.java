package org.quantcache.codegen.tir;

/** One row of a layer norm: its mean and the factor that gives it variance 1. */
record NormRow(Buffer x, Expr at, Expr mean, Expr factor) {
  /** Goes over the row that starts at {@code at} twice, each time for a quarter of the next one. */
  static NormRow measure(Body body, Channels row, Buffer x, Expr at, double epsilon, NextRow next) {
    Tir t = body.tir();
    Expr mean = body.let(
        "mean",
        t.mul(
            row.total(body, next.quarters(1), (inner, j, n) -> t.load(x, t.add(at, j), n)),
            t.real(1.0 / row.count())));
    Expr squares = row.total(body, next.quarters(1), (inner, j, n) -> {
      Expr difference = inner.let("d", t.sub(t.load(x, t.add(at, j), n), mean));
      return t.mul(difference, difference);
    });
    Expr variance = t.add(t.mul(squares, t.real(1.0 / row.count())), t.real(epsilon));
    return new NormRow(x, at, mean, body.let("factor", t.divide(t.real(1), t.sqrt(variance))));
  }

  /** {@code (x - mean) / deviation} of {@code lanes} channels. */
  Expr value(Tir t, Expr channel, int lanes) {
    return t.mul(t.sub(t.load(x, t.add(at, channel), lanes), mean), factor);
  }

  /** {@code value * (1 + scale) + shift}. */
  static Expr modulate(Tir t, Expr value, Expr shift, Expr scale) {
    return t.add(t.mul(value, t.add(scale, t.real(1))), shift);
  }
}
