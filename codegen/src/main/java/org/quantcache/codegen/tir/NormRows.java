package org.quantcache.codegen.tir;

/** Layer norm of the rows of a tile: their means, and the factors that give them variance 1. */
record NormRows(Buffer x, Buffer means, Buffer factors) {
  /** Goes over the rows twice, each time for a quarter of the next ones. */
  static NormRows measure(
      Body body, RowTile tile, Channels row, Buffer x, double epsilon, NextRow next) {
    Tir t = body.tir();
    Expr share = t.real(1.0 / row.count());
    NormRows out = new NormRows(
        x,
        body.local("means", "float32", 1, tile.rows()),
        body.local("factors", "float32", 1, tile.rows()));
    NextRow.Share first = next.quarters(1);
    tile.pass(body, (pass, at) -> {
      Expr total =
          row.total(pass, first.beside(at), (inner, j, n) -> t.load(x, t.add(at.at(), j), n));
      pass.store(out.means, t.mul(total, share), at.slot());
    });
    NextRow.Share second = next.quarters(1);
    tile.pass(body, (pass, at) -> {
      Expr mean = pass.let("mean", t.load(out.means, at.slot(), 1));
      Expr squares = row.total(pass, second.beside(at), (inner, j, n) -> {
        Expr difference = inner.let("d", t.sub(t.load(x, t.add(at.at(), j), n), mean));
        return t.mul(difference, difference);
      });
      Expr variance = t.add(t.mul(squares, share), t.real(epsilon));
      pass.store(out.factors, t.divide(t.real(1), t.sqrt(variance)), at.slot());
    });
    return out;
  }

  /** {@code (x - mean) / deviation} of the channels of a row. */
  Channels.Part values(Body body, RowTile.Row row) {
    Tir t = body.tir();
    Expr mean = body.let("mean", t.load(means, row.slot(), 1));
    Expr factor = body.let("factor", t.load(factors, row.slot(), 1));
    return (inner, j, n) -> t.mul(t.sub(t.load(x, t.add(row.at(), j), n), mean), factor);
  }

  /** {@code value * (1 + scale) + shift}. */
  static Expr modulate(Tir t, Expr value, Expr shift, Expr scale) {
    return t.add(t.mul(value, t.add(scale, t.real(1))), shift);
  }
}
