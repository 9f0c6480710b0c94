package org.quantcache.codegen.tir;

/**
 * Brings the next row from memory while a kernel goes over this one, some of it in each pass: memory that only one pass
 * asks for anything would have nothing to do during the others.
 */
final class NextRow {
  /** Floats of a cache line. */
  private static final int LINE = 16;

  private static final int QUARTERS = 4;

  private final Buffer x;
  private final Expr start;
  private final int channels;
  private int taken;

  /**
   * @param x rows of f32
   * @param start where the next row starts
   */
  NextRow(Buffer x, Expr start, int channels) {
    this.x = x;
    this.start = start;
    this.channels = channels;
  }

  /** Quarters that no pass brings yet. */
  int left() {
    return QUARTERS - taken;
  }

  /** What the pass that is about to be written does beside its work, in each turn: it brings so many quarters. */
  Channels.Step quarters(int count) {
    int first = taken;
    taken += count;
    return (body, channel, worked) -> {
      if (worked > 1) {
        fetch(body, channel, worked, first, count);
      }
    };
  }

  private void fetch(Body body, Expr channel, int worked, int first, int count) {
    Tir t = body.tir();
    Expr ahead = t.shiftRight(t.mul(channel, count), t.integer(2));
    Expr from = body.let("ahead", t.add(t.add(start, ahead), (long) first * channels / QUARTERS));
    for (int at = 0; at == 0 || at < worked * count / QUARTERS; at += LINE) {
      body.prefetch(x, t.add(from, at));
    }
  }
}
