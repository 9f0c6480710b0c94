package org.quantcache.codegen.tir;

import java.util.List;
import java.util.function.BiConsumer;
import org.quantcache.ir.ops.PruneOps;

/** Writes what follows a product of {@code n} columns: its parameters, its loop over a row of a tile, its arithmetic, its probe. */
final class EpilogueEmitter {
  private final Epilogue spec;
  private final int n;
  private final Tir t;
  private final Buffer bias;
  private final Buffer gate;
  private final Buffer residual;
  private final Probe probe;
  private RowGroups.Parameters gateRows;
  private Expr residualRows;

  /** Declares the pointers. */
  EpilogueEmitter(Epilogue spec, int n, KernelBuilder kernel) {
    this.spec = spec;
    this.n = n;
    this.t = kernel.tir();
    this.bias = spec.bias() ? kernel.pointer("bias", "float32") : null;
    this.gate = spec.gate() ? kernel.pointer("gate", "float32") : null;
    this.residual = spec.residual() ? kernel.pointer("residual", "float32") : null;
    this.probe = spec.isProbed() ? new Probe(kernel) : null;
  }

  /** Where p is held, and the sums of the rows. */
  private record Probe(Buffer held, Buffer sums) {
    Probe(KernelBuilder kernel) {
      this(kernel.pointer("held", "float32"), kernel.pointer("sums", "float32"));
    }
  }

  /** Declares the whole numbers, which come after all pointers. */
  void declareNumbers(KernelBuilder kernel) {
    if (spec.gate()) {
      gateRows = RowGroups.Parameters.declare(kernel, "gate");
    }
    if (spec.residual()) {
      residualRows = kernel.integer("residual_rows");
    }
  }

  /** Work on {@code lanes} columns from {@code lane} of a tile on. */
  interface Step {
    void at(Body body, Expr lane, int lanes);
  }

  /** The columns of a tile that starts at {@code column}: all of a panel, or those that are left of the result. */
  void eachVector(Body body, Expr column, int panel, int lanes, Step step) {
    int tail = n % panel;
    BiConsumer<Body, Integer> columns = (inner, width) -> {
      int lane = 0;
      for (; lane + lanes <= width; lane += lanes) {
        step.at(inner, t.integer(lane), lanes);
      }
      if (lane < width) {
        int start = lane;
        inner.loop("j", width - start, (j, one) -> step.at(one, t.add(j, start), 1));
      }
    };
    if (tail == 0) {
      columns.accept(body, panel);
    } else {
      body.when(
          t.lessOrEqual(t.add(column, panel), t.integer(n)),
          inner -> columns.accept(inner, panel),
          inner -> columns.accept(inner, tail));
    }
  }

  /**
   * Which rows of gate and residual belong to the rows of a tile, found once for all of its panels: the divisions that it
   * takes would cost as much as what is done with them.
   */
  Rows rows(Body body, Expr firstRow, int count, int lanes) {
    Buffer gates = spec.gate() ? body.local("gate_rows", "int32", 1, count) : null;
    Buffer residuals = spec.residual() ? body.local("residual_rows", "int32", 1, count) : null;
    if (spec.gate() || spec.residual()) {
      body.loop("r", count, (r, inner) -> {
        Expr tokenRow = inner.let("token_row", t.add(firstRow, r));
        if (spec.gate()) {
          inner.store(gates, t.mul(gateRows.row(t, tokenRow), n), r);
        }
        if (spec.residual()) {
          inner.store(residuals, t.mul(t.remainder(tokenRow, residualRows), n), r);
        }
      });
    }
    return new Rows(
        gates, residuals, firstRow, spec.isProbed() ? new RowSums(body, count, lanes) : null);
  }

  /** What a probe has summed up of each row of a tile, while its panels pass by. */
  private final class RowSums {
    private static final int COUNT = PruneOps.PROBE_SUMS;
    private final Buffer vectors;
    private final Buffer scalars;

    RowSums(Body body, int rows, int lanes) {
      vectors = body.local("row_sums", "float32", lanes, rows * COUNT);
      scalars = body.local("rest_sums", "float32", 1, rows * COUNT);
      body.loop("cell", rows * COUNT, (cell, inner) -> {
        inner.store(vectors, t.widen(t.real(0), lanes), cell);
        inner.store(scalars, t.real(0), cell);
      });
    }

    /** Takes p of some columns of row {@code r} and what is held of them. */
    void add(Body body, Expr r, Expr p, Expr before) {
      List<Expr> terms = CompareSpec.terms(t, p, before);
      Buffer sums = p.lanes() == 1 ? scalars : vectors;
      for (int i = 0; i < COUNT; i++) {
        Expr cell = t.add(t.mul(r, COUNT), i);
        body.store(sums, t.add(t.load(sums, cell, 1), terms.get(i)), cell);
      }
    }

    /** Stores the sums of {@code count} rows from {@code row} on. */
    void store(Body body, Expr row, Expr count) {
      body.loop("cell", t.mul(count, COUNT), (cell, inner) -> {
        Expr whole = Functions.sum(inner, t.load(vectors, cell, 1));
        inner.store(
            probe.sums(), t.add(whole, t.load(scalars, cell, 1)), t.add(t.mul(row, COUNT), cell));
      });
    }
  }

  /** Where the rows of a tile find the rows of their operands. */
  final class Rows {
    private final Buffer gates;
    private final Buffer residuals;
    private final Expr firstRow;
    private final RowSums sums;

    private Rows(Buffer gates, Buffer residuals, Expr firstRow, RowSums sums) {
      this.gates = gates;
      this.residuals = residuals;
      this.firstRow = firstRow;
      this.sums = sums;
    }

    /** Once all panels have passed by: what was measured of the first {@code count} rows. */
    void finish(Body body, Expr count) {
      if (sums != null) {
        sums.store(body, firstRow, count);
      }
    }

    /** The part of row {@code r} of the tile from {@code column} on. */
    Row row(Body body, Expr r, Expr column) {
      Expr gateAt = spec.gate() ? body.let("gate_at", t.add(t.load(gates, r, 1), column)) : null;
      Expr residualAt =
          spec.residual() ? body.let("residual_at", t.add(t.load(residuals, r, 1), column)) : null;
      Expr heldAt =
          spec.isProbed() ? body.let("held_at", t.add(t.mul(t.add(firstRow, r), n), column)) : null;
      return new Row(column, gateAt, residualAt, heldAt, r, sums);
    }
  }

  /** Where a row of the tile finds its operands. */
  final class Row {
    private final Expr column;
    private final Expr gateAt;
    private final Expr residualAt;
    private final Expr heldAt;
    private final Expr r;
    private final RowSums sums;

    private Row(Expr column, Expr gateAt, Expr residualAt, Expr heldAt, Expr r, RowSums sums) {
      this.column = column;
      this.gateAt = gateAt;
      this.residualAt = residualAt;
      this.heldAt = heldAt;
      this.r = r;
      this.sums = sums;
    }

    /** The result for a product at {@code lane} of the row. */
    Expr apply(Body body, Expr product, Expr lane) {
      Expr value = product;
      int lanes = product.lanes();
      if (spec.bias()) {
        value = t.add(value, t.load(bias, t.add(column, lane), lanes));
      }
      value = body.let("value", value);
      value = switch (spec.activation()) {
        case NONE -> value;
        case GELU -> Functions.gelu(body, value);
        case SILU -> Functions.silu(body, value);
      };
      if (spec.gate()) {
        value = t.mul(value, t.load(gate, t.add(gateAt, lane), lanes));
      }
      Expr base = null;
      if (spec.residual()) {
        base = body.let("base", t.load(residual, t.add(residualAt, lane), lanes));
        value = t.add(value, base);
      }
      if (spec.isProbed()) {
        value = body.let("result", value);
        measure(body, spec.probe() == Epilogue.Probe.ADDEND ? t.sub(value, base) : value, lane);
      }
      return value;
    }

    private void measure(Body body, Expr probed, Expr lane) {
      Expr at = t.add(heldAt, lane);
      Expr p = body.let("p", probed);
      Expr before = body.let("before", t.load(probe.held(), at, p.lanes()));
      sums.add(body, r, p, before);
      body.store(probe.held(), p, at);
    }
  }
}
