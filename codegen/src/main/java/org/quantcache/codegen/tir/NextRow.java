package org.quantcache.codegen.tir;

/**
 * Brings the rows of the next tile from memory while a kernel goes over this one, some of each row in each pass: memory
 * that only one pass asks for anything would have nothing to do during the others.
 */
final class NextRow {
  /** Floats of a cache line. */
  private static final int LINE = 16;

  private static final int QUARTERS = 4;

  private final Buffer x;
  private final int channels;
  private final int rowsAhead;
  private int taken;

  /**
   * @param x rows of f32
   * @param rowsAhead from a row to the one that is brought during its passes
   */
  NextRow(Buffer x, int channels, int rowsAhead) {
    this.x = x;
    this.channels = channels;
    this.rowsAhead = rowsAhead;
  }

  /** What a pass brings. */
  interface Share {
    /** What it does beside its work on a row, in each turn. */
    Channels.Step beside(RowTile.Row row);
  }

  /** Quarters that no pass brings yet. */
  int left() {
    return QUARTERS - taken;
  }

  /** The share of the pass that is about to be written: so many quarters. */
  Share quarters(int count) {
    int first = taken;
    taken += count;
    return row -> (body, channel, worked) -> {
      if (worked > 1) {
        fetch(body, row, channel, worked, first, count);
      }
    };
  }

  private void fetch(Body body, RowTile.Row row, Expr channel, int worked, int first, int count) {
    Tir t = body.tir();
    Expr ahead = t.add(row.at(), t.shiftRight(t.mul(channel, count), t.integer(2)));
    long distance = (long) rowsAhead * channels + (long) first * channels / QUARTERS;
    Expr from = body.let("ahead", t.add(ahead, distance));
    for (int at = 0; at == 0 || at < worked * count / QUARTERS; at += LINE) {
      body.prefetch(x, t.add(from, at));
    }
  }
}
