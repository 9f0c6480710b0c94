package org.quantcache.codegen.tir;

import java.util.List;

/** Smallest and largest of the numbers that are noted, whole vectors apart from others. */
final class Extremes {
  private final int lanes;
  private final Buffer vectors;
  private final Buffer scalars;

  /** Declares the cells at the current place of {@code body}. */
  Extremes(Body body, int lanes) {
    this.lanes = lanes;
    this.vectors = body.local("extremes", "float32", lanes, 2);
    this.scalars = body.local("extreme", "float32", 1, 2);
    Tir t = body.tir();
    for (int i = 0; i < 2; i++) {
      Expr start = t.real(i == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE);
      body.store(vectors, t.widen(start, lanes), t.integer(i));
      body.store(scalars, start, t.integer(i));
    }
  }

  /** Notes vectors of equal size. */
  void note(Body body, List<Expr> values) {
    Tir t = body.tir();
    Expr least = values.get(0);
    Expr largest = values.get(0);
    for (Expr value : values.subList(1, values.size())) {
      least = body.let("least", t.min(least, value));
      largest = body.let("largest", t.max(largest, value));
    }
    note(body, least, largest);
  }

  /** Notes numbers of which these are the smallest and largest, lane by lane. */
  void note(Body body, Expr least, Expr largest) {
    Tir t = body.tir();
    boolean whole = least.lanes() == lanes && lanes > 1;
    Buffer cells = whole ? vectors : scalars;
    Expr low = whole ? least : Functions.smallest(body, least);
    Expr high = whole ? largest : Functions.largest(body, largest);
    body.store(cells, t.min(t.load(cells, t.integer(0), 1), low), t.integer(0));
    body.store(cells, t.max(t.load(cells, t.integer(1), 1), high), t.integer(1));
  }

  Expr least(Body body) {
    Tir t = body.tir();
    Expr all = Functions.smallest(body, t.load(vectors, t.integer(0), 1));
    return body.let("least", t.min(all, t.load(scalars, t.integer(0), 1)));
  }

  Expr largest(Body body) {
    Tir t = body.tir();
    Expr all = Functions.largest(body, t.load(vectors, t.integer(1), 1));
    return body.let("largest", t.max(all, t.load(scalars, t.integer(1), 1)));
  }
}
