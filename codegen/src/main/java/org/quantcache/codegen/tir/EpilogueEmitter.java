package org.quantcache.codegen.tir;

import java.util.function.BiConsumer;

/** Writes what follows a product of {@code n} columns: its parameters, its loop over a row of a tile, its arithmetic. */
final class EpilogueEmitter {
  private final Epilogue spec;
  private final int n;
  private final Tir t;
  private final Buffer bias;
  private final Buffer gate;
  private final Buffer residual;
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
  Rows rows(Body body, Expr firstRow, int count) {
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
    return new Rows(gates, residuals);
  }

  /** Where the rows of a tile find the rows of their operands. */
  final class Rows {
    private final Buffer gates;
    private final Buffer residuals;

    private Rows(Buffer gates, Buffer residuals) {
      this.gates = gates;
      this.residuals = residuals;
    }

    /** The part of row {@code r} of the tile from {@code column} on. */
    Row row(Body body, Expr r, Expr column) {
      Expr gateAt = spec.gate() ? body.let("gate_at", t.add(t.load(gates, r, 1), column)) : null;
      Expr residualAt =
          spec.residual() ? body.let("residual_at", t.add(t.load(residuals, r, 1), column)) : null;
      return new Row(column, gateAt, residualAt);
    }
  }

  /** Where a row of the tile finds its operands. */
  final class Row {
    private final Expr column;
    private final Expr gateAt;
    private final Expr residualAt;

    private Row(Expr column, Expr gateAt, Expr residualAt) {
      this.column = column;
      this.gateAt = gateAt;
      this.residualAt = residualAt;
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
      if (spec.residual()) {
        value = t.add(value, t.load(residual, t.add(residualAt, lane), lanes));
      }
      return value;
    }
  }
}
