package org.quantcache.codegen.tir;

import java.util.function.BiConsumer;

/**
 * Neighbouring rows that a kernel takes together: each pass goes over all of them before the next pass begins. What a
 * pass has to know of a row, its mean or its grid, is then found long before, where a row by itself would wait for the
 * end of its sums, a root and a quotient, each time with nothing else to do.
 */
final class RowTile {
  /** Bytes of f32 rows that stay in the first-level cache together with as many that are made of them. */
  private static final int BYTES = 16 << 10;

  private static final int MOST_ROWS = 16;

  private final int channels;
  private final int rows;
  private final Expr first;
  private final Expr count;

  private RowTile(int channels, int rows, Expr first, Expr count) {
    this.channels = channels;
    this.rows = rows;
    this.first = first;
    this.count = count;
  }

  /**
   * A row of the tile.
   *
   * @param slot its place in the tile
   * @param index its place among all rows
   * @param at its first element
   */
  record Row(Expr slot, Expr index, Expr at) {}

  /** Rows of a tile, at most. */
  static int rows(int channels) {
    return Math.max(1, Math.min(MOST_ROWS, BYTES / (Float.BYTES * channels)));
  }

  /** Goes over the rows of a range tile by tile. */
  static void each(
      Body body, KernelBuilder.Range range, int channels, BiConsumer<Body, RowTile> work) {
    Tir t = body.tir();
    int rows = rows(channels);
    Expr tiles = t.quotient(t.add(t.sub(range.hi(), range.lo()), rows - 1L), rows);
    body.loop("tile", tiles, (i, inner) -> {
      Expr first = inner.let("first", t.add(range.lo(), t.mul(i, rows)));
      Expr count = inner.let("count", t.min(t.integer(rows), t.sub(range.hi(), first)));
      work.accept(inner, new RowTile(channels, rows, first, count));
    });
  }

  /** Rows of this tile, at most. */
  int rows() {
    return rows;
  }

  /** One pass over the rows. */
  void pass(Body body, BiConsumer<Body, Row> work) {
    Tir t = body.tir();
    if (rows == 1) {
      work.accept(body, new Row(t.integer(0), first, body.let("at", t.mul(first, channels))));
      return;
    }
    body.loop("slot", count, (slot, inner) -> {
      Expr index = inner.let("row", t.add(first, slot));
      work.accept(inner, new Row(slot, index, inner.let("at", t.mul(index, channels))));
    });
  }
}
