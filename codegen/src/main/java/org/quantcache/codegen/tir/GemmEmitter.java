package org.quantcache.codegen.tir;

import java.util.function.BiConsumer;
import java.util.function.IntFunction;

/** Writes one matrix product with its epilogue. */
final class GemmEmitter {
  /** Rows of the tile for the last rows, when there are no more: it waits for its sums as long as one row would. */
  private static final int FEW_ROWS = 2;

  private final GemmSpec spec;
  private final GemmBlocking blocking;
  private final CpuTarget target;
  private final KernelBuilder kernel;
  private final Tir t;

  private final Buffer a;
  private final Buffer w;
  private final Buffer c;
  private final EpilogueEmitter epilogue;
  private final Expr rows;
  private final KernelBuilder.Range range;

  GemmEmitter(GemmSpec spec, CpuTarget target, KernelBuilder kernel) {
    this.spec = spec;
    this.target = target;
    this.kernel = kernel;
    this.blocking = GemmBlocking.of(spec, target);
    this.t = kernel.tir();
    this.a = kernel.pointer("a", "float32");
    this.w = kernel.pointer("w", spec.storage().cell());
    this.c = kernel.pointer("c", "float32");
    this.epilogue = new EpilogueEmitter(spec.epilogue(), spec.n(), kernel);
    this.rows = kernel.integer("rows");
    epilogue.declareNumbers(kernel);
    this.range = kernel.range();
  }

  void emit() {
    Body body = kernel.body();
    Expr rowBlocks = body.let(
        "row_blocks", t.quotient(t.add(rows, blocking.tileRows() - 1L), blocking.tileRows()));
    Expr firstColumn = body.let("first_column", t.quotient(range.lo(), rowBlocks));
    Expr lastColumn =
        body.let("last_column", t.quotient(t.sub(range.hi(), t.integer(1)), rowBlocks));
    body.loop("column", t.add(t.sub(lastColumn, firstColumn), 1), (i, columnBody) -> {
      Expr block = columnBody.let("column_block", t.add(firstColumn, i));
      Expr before = t.mul(block, rowBlocks);
      Expr from = columnBody.let("from", t.max(t.sub(range.lo(), before), t.integer(0)));
      Expr to = columnBody.let("to", t.min(t.sub(range.hi(), before), rowBlocks));
      columnBlock(columnBody, block, from, to);
    });
  }

  private void columnBlock(Body body, Expr block, Expr from, Expr to) {
    Expr panels = body.let(
        "panels",
        t.min(
            t.integer(blocking.panelsPerBlock()),
            t.sub(
                t.integer(GemmBlocking.ceilDiv(spec.n(), blocking.panel())),
                t.mul(block, blocking.panelsPerBlock()))));
    if (blocking.passes() == 1) {
      // All sums of a tile are done at once: the weights are converted once and rows pass by.
      convert(body, block, panels, t.integer(0), t.integer(spec.k()));
      body.loop("row_block", t.sub(to, from), (i, rowBody) -> {
        Expr row = rowBody.let("row", t.mul(t.add(from, i), blocking.tileRows()));
        packRows(rowBody, row, t.integer(0), t.integer(spec.k()));
        EpilogueEmitter.Rows operands =
            epilogue.rows(rowBody, row, blocking.tileRows(), target.lanes());
        rowBody.loop("panel", panels, (panel, panelBody) -> {
          tile(panelBody, block, panel, row, t.integer(0), t.integer(0), t.integer(spec.k()));
          epilogue(panelBody, block, panel, row, operands, t.integer(0));
        });
        operands.finish(rowBody, rowsOfTile(row));
      });
      return;
    }
    Expr chunks =
        t.quotient(t.add(t.sub(to, from), blocking.chunkBlocks() - 1L), blocking.chunkBlocks());
    body.loop("chunk", chunks, (chunk, chunkBody) -> {
      Expr start = chunkBody.let("start", t.add(from, t.mul(chunk, blocking.chunkBlocks())));
      Expr count =
          chunkBody.let("count", t.min(t.sub(to, start), t.integer(blocking.chunkBlocks())));
      chunkBody.loop("pass", blocking.passes(), (pass, passBody) -> {
        Expr first = passBody.let("first", t.mul(pass, blocking.depth()));
        Expr depth = passBody.let(
            "depth", t.min(t.sub(t.integer(spec.k()), first), t.integer(blocking.depth())));
        convert(passBody, block, panels, first, depth);
        passBody.loop("row_block", count, (i, rowBody) -> {
          Expr row = rowBody.let("row", t.mul(t.add(start, i), blocking.tileRows()));
          Expr sums = rowBody.let("sums", t.mul(i, blocking.tileRows() * blocking.columns()));
          packRows(rowBody, row, first, depth);
          EpilogueEmitter.Rows operands =
              epilogue.rows(rowBody, row, blocking.tileRows(), target.lanes());
          Expr isLast = t.equal(pass, t.integer(blocking.passes() - 1L));
          rowBody.loop("panel", panels, (panel, panelBody) -> {
            tile(panelBody, block, panel, row, sums, first, depth);
            panelBody.when(isLast, last -> epilogue(last, block, panel, row, operands, sums));
          });
          rowBody.when(isLast, last -> operands.finish(last, rowsOfTile(row)));
        });
      });
    });
  }

  /** Rows of the tile that starts at a row. */
  private Expr rowsOfTile(Expr row) {
    return t.min(t.integer(blocking.tileRows()), t.sub(rows, row));
  }

  /** Offset of a tile in the partial sums. */
  private Expr tileSums(Expr sums, Expr panel) {
    Expr offset = t.add(sums, blocking.sumsOffset());
    return blocking.passes() == 1
        ? offset
        : t.add(offset, t.mul(panel, blocking.tileRows() * blocking.panel()));
  }

  private void convert(Body body, Expr block, Expr panels, Expr first, Expr depth) {
    if (!blocking.converts()) {
      return;
    }
    int panelWidth = blocking.panel();
    body.loop("panel", panels, (panel, panelBody) -> {
      Expr source = panelBody.let(
          "source",
          t.mul(
              t.add(t.mul(t.add(t.mul(block, blocking.panelsPerBlock()), panel), spec.k()), first),
              panelWidth));
      Expr to = panelBody.let(
          "to", t.add(t.mul(panel, blocking.depth() * panelWidth), blocking.weightsOffset()));
      panelBody.loop("k", depth, (k, inner) -> {
        for (int v = 0; v < target.tileVectors(); v++) {
          Expr at = t.add(t.mul(k, panelWidth), (long) v * target.lanes());
          Expr values = spec.storage().load(t, w, t.add(source, at), target.lanes());
          inner.store(range.workspace(), values, t.add(to, at));
        }
      });
    });
  }

  /** Whether the tile that starts at a row has few rows. */
  private Expr hasFewRows(Expr row) {
    return t.lessOrEqual(rows, t.add(row, FEW_ROWS));
  }

  /** Copies the rows of a tile; rows beyond the end repeat the last one and are not stored later. */
  private void packRows(Body body, Expr row, Expr first, Expr depth) {
    int lanes = spec.k() % target.lanes() == 0 ? target.lanes() : 1;
    Expr count = body.let(
        "packed", t.select(hasFewRows(row), t.integer(FEW_ROWS), t.integer(blocking.tileRows())));
    body.loop("r", count, (r, rowBody) -> {
      Expr source = rowBody.let(
          "source", t.add(t.mul(t.min(t.add(row, r), t.sub(rows, t.integer(1))), spec.k()), first));
      rowBody.loop("k", t.quotient(depth, lanes), (k, inner) -> {
        Expr at = t.mul(k, lanes);
        Expr value = t.load(a, t.add(source, at), lanes);
        inner.store(range.workspace(), value, t.add(t.mul(r, blocking.depth()), at));
      });
    });
  }

  /** Adds {@code A tile * W panel} over a range of the depth to the partial sums. */
  private void tile(
      Body body, Expr block, Expr panel, Expr row, Expr sums, Expr first, Expr depth) {
    Expr at = body.let("sums_at", tileSums(sums, panel));
    Expr base = body.let(
        "w_at",
        blocking.converts()
            ? t.add(t.mul(panel, blocking.depth() * blocking.panel()), blocking.weightsOffset())
            : t.mul(
                t.add(
                    t.mul(t.add(t.mul(block, blocking.panelsPerBlock()), panel), spec.k()), first),
                blocking.panel()));
    body.when(
        hasFewRows(row),
        few -> tile(few, FEW_ROWS, at, base, first, depth),
        all -> tile(all, blocking.tileRows(), at, base, first, depth));
  }

  private void tile(Body body, int tileRows, Expr at, Expr base, Expr first, Expr depth) {
    int lanes = target.lanes();
    // A result of few columns leaves vectors of its only panel without any.
    int vectors = Math.min(target.tileVectors(), GemmBlocking.ceilDiv(spec.n(), lanes));
    Buffer source = blocking.converts() ? range.workspace() : w;
    Buffer sum = body.local("sum", "float32", lanes, tileRows * vectors);
    IntFunction<Expr> place =
        i -> t.add(at, (long) i / vectors * blocking.panel() + (long) i % vectors * lanes);
    BiConsumer<Body, Boolean> start = (inner, fresh) -> {
      for (int i = 0; i < tileRows * vectors; i++) {
        Expr value =
            fresh ? t.widen(t.real(0), lanes) : t.load(range.workspace(), place.apply(i), lanes);
        inner.store(sum, value, t.integer(i));
      }
    };
    if (blocking.passes() == 1) {
      start.accept(body, true);
    } else {
      body.when(
          t.equal(first, t.integer(0)),
          inner -> start.accept(inner, true),
          inner -> start.accept(inner, false));
    }
    body.loop("k", depth, (k, inner) -> {
      Expr[] columns = new Expr[vectors];
      for (int v = 0; v < vectors; v++) {
        Expr index = t.add(t.add(base, t.mul(k, blocking.panel())), (long) v * lanes);
        columns[v] = inner.let("b", t.load(source, index, lanes));
      }
      for (int r = 0; r < tileRows; r++) {
        Expr scalar = t.load(range.workspace(), t.add(k, (long) r * blocking.depth()), 1);
        Expr value = inner.let("a", t.widen(scalar, lanes));
        for (int v = 0; v < vectors; v++) {
          Expr cell = t.integer(r * vectors + v);
          inner.store(sum, t.add(t.load(sum, cell, 1), t.mul(value, columns[v])), cell);
        }
      }
    });
    for (int i = 0; i < tileRows * vectors; i++) {
      body.store(range.workspace(), t.load(sum, t.integer(i), 1), place.apply(i));
    }
  }

  private void epilogue(
      Body body, Expr block, Expr panel, Expr row, EpilogueEmitter.Rows operands, Expr sums) {
    Expr column = body.let(
        "column0", t.mul(t.add(t.mul(block, blocking.panelsPerBlock()), panel), blocking.panel()));
    Expr at = body.let("tile_at", tileSums(sums, panel));
    body.loop("r", rowsOfTile(row), (r, rowBody) -> {
      Expr tokenRow = rowBody.let("token_row", t.add(row, r));
      Expr source = rowBody.let("source", t.add(at, t.mul(r, blocking.panel())));
      Expr to = rowBody.let("to", t.add(t.mul(tokenRow, spec.n()), column));
      EpilogueEmitter.Row rest = operands.row(rowBody, r, column);
      epilogue.eachVector(rowBody, column, blocking.panel(), target.lanes(), (one, lane, lanes) -> {
        Expr value = t.load(range.workspace(), t.add(source, lane), lanes);
        one.store(c, rest.apply(one, value, lane), t.add(to, lane));
      });
    });
  }
}
