package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;

/**
 * Attention of one head of one sequence: keys are transposed into panels, then blocks of queries make scores, softmax
 * and the product with the values, all in the worker's scratch memory.
 *
 * <p>Scratch, in floats: key panels {@code [panels][d][panel]}, one row {@code [d]}, queries {@code [block][d]},
 * probabilities {@code [block][panels * panel]}, one factor for each query of a block.
 */
final class AttentionCore {
  /** Score of a key that does not exist: its probability is e^-87 of the largest one. */
  private static final double NO_SCORE = -1e30;

  private final CpuTarget target;
  private final int headDim;
  private final int maxKeys;
  private final int maxQueries;

  AttentionCore(CpuTarget target, int headDim, int maxKeys, int maxQueries) {
    this.target = target;
    this.headDim = headDim;
    this.maxKeys = maxKeys;
    this.maxQueries = maxQueries;
  }

  /** A part of a row that fits one vector. */
  record Chunk(int offset, int lanes) {}

  /** A row cut into vectors, widest first. */
  List<Chunk> chunks() {
    List<Chunk> out = new ArrayList<>();
    int offset = 0;
    for (int lanes = target.lanes(); lanes >= 1; lanes /= 2) {
      for (; offset + lanes <= headDim; offset += lanes) {
        out.add(new Chunk(offset, lanes));
      }
    }
    return out;
  }

  private int scoreLanes() {
    int lanes = target.lanes();
    while (lanes > 4 && lanes / 2 >= maxKeys) {
      lanes /= 2;
    }
    return lanes;
  }

  private int scoreVectors() {
    return maxKeys > target.lanes() ? 2 : 1;
  }

  private int panel() {
    return scoreLanes() * scoreVectors();
  }

  private int maxPanels() {
    return (maxKeys + panel() - 1) / panel();
  }

  /** Queries that are treated together; their sums stay in registers. */
  private int block() {
    int registers = target.tileRows() * target.tileVectors();
    int most = Math.min(target.tileRows(), registers / Math.max(chunks().size(), scoreVectors()));
    return Math.max(1, Math.min(most, maxQueries));
  }

  private int rowOffset() {
    return GemmBlocking.roundUp(maxPanels() * headDim * panel(), 16);
  }

  private int queriesOffset() {
    return rowOffset() + GemmBlocking.roundUp(headDim, 16);
  }

  private int scoresOffset() {
    return queriesOffset() + GemmBlocking.roundUp(block() * headDim, 16);
  }

  private int factorsOffset() {
    return scoresOffset() + block() * maxPanels() * panel();
  }

  long workspaceBytes() {
    return 4L * (factorsOffset() + GemmBlocking.roundUp(block(), 16));
  }

  /** Makes the vectors of one query or key. */
  interface RowSource {
    /** The row's vectors in the order of {@link #chunks}, normed, rotated and scaled as the kernel wants. */
    List<Expr> vectors(Body body, Expr index);
  }

  /** Stores the vectors of one result row. */
  interface RowSink {
    void store(Body body, Expr query, List<Expr> vectors);
  }

  /**
   * Writes the whole head.
   *
   * @param keys number of keys, at most {@code maxKeys}
   * @param firstQuery first query of this work item
   * @param queries number of queries of this work item
   */
  void emit(
      Body body,
      Buffer scratch,
      Expr keys,
      Expr firstQuery,
      Expr queries,
      RowSource querySource,
      RowSource keySource,
      RowSource valueSource,
      RowSink sink) {
    Tir t = body.tir();
    packKeys(body, scratch, keys, keySource);
    Expr panels = body.let("panels", t.quotient(t.add(keys, panel() - 1L), panel()));
    Expr blocks = t.quotient(t.add(queries, block() - 1L), block());
    body.loop("query_block", blocks, (i, inner) -> {
      Expr first = inner.let("first_query", t.mul(i, block()));
      packQueries(inner, scratch, first, firstQuery, queries, querySource);
      scores(inner, scratch, keys, panels);
      softmax(inner, scratch, keys, panels);
      mix(inner, scratch, keys, first, firstQuery, queries, valueSource, sink);
    });
  }

  private void packKeys(Body body, Buffer scratch, Expr keys, RowSource source) {
    Tir t = body.tir();
    body.loop("key", keys, (key, inner) -> {
      List<Expr> vectors = source.vectors(inner, key);
      for (int i = 0; i < vectors.size(); i++) {
        inner.store(
            scratch, vectors.get(i), t.integer(rowOffset() + chunks().get(i).offset()));
      }
      Expr to = inner.let(
          "to",
          t.add(t.mul(t.quotient(key, panel()), headDim * panel()), t.remainder(key, panel())));
      inner.loop(
          "c",
          headDim,
          (c, element) -> element.store(
              scratch, t.load(scratch, t.add(c, rowOffset()), 1), t.add(to, t.mul(c, panel()))));
    });
  }

  private void packQueries(
      Body body, Buffer scratch, Expr first, Expr firstQuery, Expr queries, RowSource source) {
    Tir t = body.tir();
    body.loop("r", block(), (r, inner) -> {
      Expr query = inner.let(
          "query", t.add(firstQuery, t.min(t.add(first, r), t.sub(queries, t.integer(1)))));
      List<Expr> vectors = source.vectors(inner, query);
      for (int i = 0; i < vectors.size(); i++) {
        Expr to = t.add(t.mul(r, headDim), queriesOffset() + chunks().get(i).offset());
        inner.store(scratch, vectors.get(i), to);
      }
    });
  }

  private void scores(Body body, Buffer scratch, Expr keys, Expr panels) {
    Tir t = body.tir();
    int vectors = scoreVectors();
    int lanes = scoreLanes();
    body.loop("panel", panels, (panel, inner) -> {
      Buffer sum = inner.local("score", "float32", lanes, block() * vectors);
      for (int i = 0; i < block() * vectors; i++) {
        inner.store(sum, t.widen(t.real(0), lanes), t.integer(i));
      }
      Expr from = inner.let("from", t.mul(panel, headDim * panel()));
      inner.loop("c", headDim, (c, step) -> {
        Expr[] columns = new Expr[vectors];
        for (int v = 0; v < vectors; v++) {
          Expr at = t.add(t.add(from, t.mul(c, panel())), (long) v * lanes);
          columns[v] = step.let("k", t.load(scratch, at, lanes));
        }
        for (int r = 0; r < block(); r++) {
          Expr q = step.let(
              "q",
              t.widen(t.load(scratch, t.add(c, queriesOffset() + (long) r * headDim), 1), lanes));
          for (int v = 0; v < vectors; v++) {
            Expr cell = t.integer(r * vectors + v);
            step.store(sum, t.add(t.load(sum, cell, 1), t.mul(q, columns[v])), cell);
          }
        }
      });
      for (int v = 0; v < vectors; v++) {
        Expr column = t.ramp(t.add(t.mul(panel, panel()), (long) v * lanes), lanes);
        Expr exists = inner.let("exists", t.less(column, keys));
        for (int r = 0; r < block(); r++) {
          Expr score =
              t.select(exists, t.load(sum, t.integer(r * vectors + v), 1), t.real(NO_SCORE));
          Expr to = t.add(t.mul(panel, panel()), scoreAt(r) + (long) v * lanes);
          inner.store(scratch, score, to);
        }
      }
    });
  }

  private long scoreAt(int row) {
    return scoresOffset() + (long) row * maxPanels() * panel();
  }

  private void softmax(Body body, Buffer scratch, Expr keys, Expr panels) {
    Tir t = body.tir();
    int lanes = scoreLanes();
    Expr vectors = body.let("vectors", t.mul(panels, scoreVectors()));
    body.loop("r", block(), (r, inner) -> {
      Expr from =
          inner.let("scores_at", t.add(t.mul(r, (long) maxPanels() * panel()), scoresOffset()));
      Buffer state = inner.local("state", "float32", lanes, 2);
      inner.store(state, t.widen(t.real(NO_SCORE), lanes), t.integer(0));
      inner.store(state, t.widen(t.real(0), lanes), t.integer(1));
      inner.loop("v", vectors, (v, step) -> {
        Expr score = t.load(scratch, t.add(from, t.mul(v, lanes)), lanes);
        step.store(state, t.max(t.load(state, t.integer(0), 1), score), t.integer(0));
      });
      Expr most = Functions.largest(inner, t.load(state, t.integer(0), 1));
      inner.loop("v", vectors, (v, step) -> {
        Expr at = step.let("at", t.add(from, t.mul(v, lanes)));
        Expr e = Functions.exp(step, t.sub(t.load(scratch, at, lanes), most));
        step.store(scratch, e, at);
        step.store(state, t.add(t.load(state, t.integer(1), 1), e), t.integer(1));
      });
      Expr sum = Functions.sum(inner, t.load(state, t.integer(1), 1));
      Expr factor = t.select(
          t.less(t.integer(0), keys), t.divide(t.real(1), t.max(sum, t.real(1e-30))), t.real(0));
      inner.store(scratch, factor, t.add(r, factorsOffset()));
    });
  }

  private void mix(
      Body body,
      Buffer scratch,
      Expr keys,
      Expr first,
      Expr firstQuery,
      Expr queries,
      RowSource values,
      RowSink sink) {
    Tir t = body.tir();
    List<Chunk> chunks = chunks();
    List<Buffer> sums = new ArrayList<>();
    for (Chunk chunk : chunks) {
      Buffer sum = body.local("mix" + chunk.offset(), "float32", chunk.lanes(), block());
      for (int r = 0; r < block(); r++) {
        body.store(sum, t.widen(t.real(0), chunk.lanes()), t.integer(r));
      }
      sums.add(sum);
    }
    body.loop("key", keys, (key, step) -> {
      List<Expr> vectors = values.vectors(step, key);
      for (int r = 0; r < block(); r++) {
        Expr p = step.let("p", t.load(scratch, t.add(key, scoreAt(r)), 1));
        for (int i = 0; i < chunks.size(); i++) {
          Expr product = t.mul(t.widen(p, chunks.get(i).lanes()), vectors.get(i));
          step.store(
              sums.get(i), t.add(t.load(sums.get(i), t.integer(r), 1), product), t.integer(r));
        }
      }
    });
    for (int r = 0; r < block(); r++) {
      int row = r;
      body.when(t.less(t.add(first, row), queries), inner -> {
        Expr factor = inner.let("factor", t.load(scratch, t.integer(factorsOffset() + row), 1));
        List<Expr> results = new ArrayList<>();
        for (Buffer sum : sums) {
          results.add(t.mul(t.load(sum, t.integer(row), 1), factor));
        }
        sink.store(inner, t.add(firstQuery, t.add(first, row)), results);
      });
    }
  }

  /** Vectors of a row of a buffer. */
  List<Expr> load(Body body, Buffer buffer, Expr at) {
    Tir t = body.tir();
    List<Expr> out = new ArrayList<>();
    for (Chunk chunk : chunks()) {
      out.add(body.let("x", t.load(buffer, t.add(at, chunk.offset()), chunk.lanes())));
    }
    return out;
  }

  /** Stores the vectors of a row. */
  void store(Body body, Buffer buffer, Expr at, List<Expr> vectors) {
    Tir t = body.tir();
    for (int i = 0; i < vectors.size(); i++) {
      body.store(buffer, vectors.get(i), t.add(at, chunks().get(i).offset()));
    }
  }
}
