package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;

/**
 * Loops over the channels of a row: whole vectors, then what is left one by one.
 *
 * @param count channels of a row
 * @param lanes channels of a vector
 */
record Channels(int count, int lanes) {
  /** As many additions as are under way at once, of two in a cycle that take four. */
  private static final int MOST_SUMS = 8;

  private static final int FEW_SUMS = 4;
  /** From so many turns on more sums pay for adding them up. */
  private static final int LEAST_TURNS = 4;

  /** Value of {@code lanes} channels from {@code channel} on. */
  interface Part {
    Expr of(Body body, Expr channel, int lanes);
  }

  /** Work on {@code lanes} channels from {@code channel} on. */
  interface Step {
    void at(Body body, Expr channel, int lanes);
  }

  /** Takes vectors of neighbouring channels from {@code channel} on. */
  interface Sink {
    void take(Body body, Expr channel, List<Expr> vectors);
  }

  void each(Body body, Step step) {
    int vectors = count / lanes;
    Tir t = body.tir();
    if (vectors > 0) {
      body.loop("v", vectors, (v, inner) -> step.at(inner, t.mul(v, lanes), lanes));
    }
    if (count % lanes != 0) {
      body.loop(
          "c", count % lanes, (c, inner) -> step.at(inner, t.add(c, (long) vectors * lanes), 1));
    }
  }

  /** Work on {@code vectors} times {@code lanes} channels from {@code channel} on. */
  interface GroupStep {
    void at(Body body, Expr channel, int vectors, int lanes);
  }

  /** Vectors of a group of {@link #eachGroup}. */
  static final int GROUP = 4;

  /** A few vectors in each turn, then what is left as {@link #each} does it. */
  void eachGroup(Body body, GroupStep step) {
    Tir t = body.tir();
    int grouped = count / (GROUP * lanes) * GROUP * lanes;
    if (grouped > 0) {
      body.loop(
          "g",
          grouped / (GROUP * lanes),
          (g, inner) -> step.at(inner, t.mul(g, (long) GROUP * lanes), GROUP, lanes));
    }
    new Channels(count - grouped, lanes)
        .each(body, (inner, channel, n) -> step.at(inner, t.add(channel, grouped), 1, n));
  }

  /** Vectors of neighbouring channels. */
  static List<Expr> vectors(Body body, Part part, Expr channel, int vectors, int lanes) {
    Tir t = body.tir();
    List<Expr> out = new ArrayList<>();
    for (int i = 0; i < vectors; i++) {
      out.add(body.let("value", part.of(body, t.add(channel, (long) i * lanes), lanes)));
    }
    return out;
  }

  /** Values of {@code lanes} channels from {@code channel} on that are summed up apart. */
  interface Parts {
    List<Expr> of(Body body, Expr channel, int lanes);
  }

  /** Sums over the row of so many values that they hide the latency of each other's additions. */
  List<Expr> totals(Body body, int values, Parts parts) {
    Tir t = body.tir();
    Buffer sums = body.local("sums", "float32", lanes, values);
    Buffer rest = body.local("rest", "float32", 1, values);
    for (int i = 0; i < values; i++) {
      body.store(sums, t.widen(t.real(0), lanes), t.integer(i));
      body.store(rest, t.real(0), t.integer(i));
    }
    each(body, (inner, channel, n) -> {
      List<Expr> terms = parts.of(inner, channel, n);
      Buffer to = n == 1 ? rest : sums;
      for (int i = 0; i < values; i++) {
        inner.store(to, t.add(t.load(to, t.integer(i), 1), terms.get(i)), t.integer(i));
      }
    });
    List<Expr> out = new ArrayList<>();
    for (int i = 0; i < values; i++) {
      Expr whole = Functions.sum(body, t.load(sums, t.integer(i), 1));
      out.add(body.let("total", t.add(whole, t.load(rest, t.integer(i), 1))));
    }
    return out;
  }

  /**
   * Sum over the row; several partial sums hide the latency of the additions.
   *
   * @param beside what else is done in each turn
   */
  Expr total(Body body, Step beside, Part part) {
    Tir t = body.tir();
    int vectors = count / lanes;
    int partials = partialSums(vectors);
    List<Expr> sums = new ArrayList<>();
    if (vectors > 0) {
      Buffer sum = body.local("sum", "float32", lanes, partials);
      for (int p = 0; p < partials; p++) {
        body.store(sum, t.widen(t.real(0), lanes), t.integer(p));
      }
      body.loop("v", vectors / partials, (v, inner) -> {
        beside.at(inner, t.mul(v, (long) partials * lanes), partials * lanes);
        for (int p = 0; p < partials; p++) {
          Expr channel = t.add(t.mul(v, (long) partials * lanes), (long) p * lanes);
          inner.store(
              sum,
              t.add(t.load(sum, t.integer(p), 1), part.of(inner, channel, lanes)),
              t.integer(p));
        }
      });
      Expr all = t.load(sum, t.integer(0), 1);
      for (int p = 1; p < partials; p++) {
        all = t.add(all, t.load(sum, t.integer(p), 1));
      }
      sums.add(Functions.sum(body, all));
    }
    if (count % lanes != 0) {
      Buffer rest = body.local("rest", "float32", 1, 1);
      body.store(rest, t.real(0), t.integer(0));
      body.loop("c", count % lanes, (c, inner) -> {
        Expr value = part.of(inner, t.add(c, (long) vectors * lanes), 1);
        inner.store(rest, t.add(t.load(rest, t.integer(0), 1), value), t.integer(0));
      });
      sums.add(t.load(rest, t.integer(0), 1));
    }
    return body.let("total", sums.size() == 1 ? sums.get(0) : t.add(sums.get(0), sums.get(1)));
  }

  private static int partialSums(int vectors) {
    if (vectors % MOST_SUMS == 0 && vectors / MOST_SUMS >= LEAST_TURNS) {
      return MOST_SUMS;
    }
    return vectors % FEW_SUMS == 0 ? FEW_SUMS : 1;
  }
}
