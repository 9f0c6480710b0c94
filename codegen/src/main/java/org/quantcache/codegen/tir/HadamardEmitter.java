package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.kernels.quant.Hadamard;

/**
 * Writes the Hadamard transform of the blocks of a row. Strides go down from half a block, as in {@link Hadamard}, so
 * that sums round alike: first those that are too far apart for registers, through memory; then, of a few vectors at a
 * time, between vectors and within them.
 */
final class HadamardEmitter {
  /** Vectors that are in registers at once, with room for what is between. */
  private static final int VECTORS = 8;

  private final Channels row;
  private final int block;
  private final RowMemory memory;

  /** @param memory for strides that are too far apart */
  HadamardEmitter(Channels row, int block, RowMemory memory) {
    this.row = row;
    this.block = block;
    this.memory = memory;
  }

  /** Transforms {@code source} and hands out what becomes of it. */
  void emit(Body body, Channels.Part source, Channels.Sink sink) {
    int chunk = Math.min(block, VECTORS * row.lanes());
    Channels.Part from = source;
    for (int stride = block / 2; stride >= chunk; stride /= 2) {
      distant(body, stride, from);
      from = (inner, j, n) -> memory.load(inner.tir(), j, n);
    }
    near(body, chunk, from, sink);
  }

  private void distant(Body body, int stride, Channels.Part from) {
    Tir t = body.tir();
    body.loop(
        "pair",
        row.count() / (2 * stride),
        (pair, outer) -> outer.loop("v", stride / row.lanes(), (v, inner) -> {
          Expr first = inner.let("first", t.add(t.mul(pair, 2L * stride), t.mul(v, row.lanes())));
          Expr second = inner.let("second", t.add(first, stride));
          Expr a = inner.let("a", from.of(inner, first, row.lanes()));
          Expr b = inner.let("b", from.of(inner, second, row.lanes()));
          memory.store(inner, t.add(a, b), first);
          memory.store(inner, t.sub(a, b), second);
        }));
  }

  private void near(Body body, int chunk, Channels.Part from, Channels.Sink sink) {
    Tir t = body.tir();
    int lanes = row.lanes();
    int perStep = Math.max(chunk, lanes);
    int steps = row.count() / perStep;
    if (steps > 0) {
      body.loop("chunk", steps, (c, inner) -> {
        Expr first = inner.let("first", t.mul(c, perStep));
        inRegisters(inner, first, perStep / lanes, lanes, chunk, from, sink);
      });
    }
    // Blocks are shorter than a vector and do not fill the last one: they become vectors of their
    // own.
    int rest = row.count() - steps * perStep;
    if (rest > 0) {
      body.loop("block", rest / chunk, (b, inner) -> {
        Expr first = inner.let("first", t.add(t.mul(b, chunk), (long) steps * perStep));
        inRegisters(inner, first, 1, chunk, chunk, from, sink);
      });
    }
  }

  private void inRegisters(
      Body body,
      Expr first,
      int vectors,
      int lanes,
      int chunk,
      Channels.Part from,
      Channels.Sink sink) {
    Tir t = body.tir();
    List<Expr> v = new ArrayList<>();
    for (int i = 0; i < vectors; i++) {
      v.add(body.let("v", from.of(body, t.add(first, (long) i * lanes), lanes)));
    }
    for (int stride = chunk / 2; stride > 0; stride /= 2) {
      if (stride >= lanes) {
        between(body, v, stride / lanes);
      } else {
        within(body, v, stride);
      }
    }
    Expr factor = t.real((float) Hadamard.factor(block));
    v.replaceAll(sum -> body.let("v", t.mul(sum, factor)));
    sink.take(body, first, v);
  }

  private static void between(Body body, List<Expr> v, int stride) {
    Tir t = body.tir();
    for (int i = 0; i < v.size(); i++) {
      if ((i & stride) == 0) {
        Expr a = v.get(i);
        Expr b = v.get(i + stride);
        v.set(i, body.let("v", t.add(a, b)));
        v.set(i + stride, body.let("v", t.sub(a, b)));
      }
    }
  }

  /** Each lane times 1 or -1, which is exact, plus its partner. */
  private static void within(Body body, List<Expr> v, int stride) {
    Tir t = body.tir();
    int lanes = v.get(0).lanes();
    List<Integer> partners = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      partners.add(lane ^ stride);
    }
    Expr signs = body.let("signs", t.alternate(1, -1, stride, lanes));
    for (int i = 0; i < v.size(); i++) {
      Expr partner = body.let("partner", t.shuffle(v.get(i), partners));
      v.set(i, body.let("v", t.add(t.mul(v.get(i), signs), partner)));
    }
  }
}
