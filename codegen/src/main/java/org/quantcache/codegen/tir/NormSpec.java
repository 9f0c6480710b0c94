package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code y = (x - mean) / sqrt(variance + epsilon)} over rows of {@code channels}, then {@code * (1 + scale) + shift}
 * when modulated.
 *
 * <p>Parameters: x, y, [shift, scale, the four numbers of {@link RowGroups}]; then the range. Work items: rows.
 */
public record NormSpec(int channels, double epsilon, boolean modulated) implements KernelSpec {
  private static final int PARTIAL_SUMS = 4;

  @Override
  public String functionName() {
    return (modulated ? "norm_modulate_c" : "layer_norm_c") + channels + "_" + Names.of(epsilon);
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer x = kernel.pointer("x", "float32");
    Buffer y = kernel.pointer("y", "float32");
    Buffer shift = modulated ? kernel.pointer("shift", "float32") : null;
    Buffer scale = modulated ? kernel.pointer("scale", "float32") : null;
    RowGroups.Parameters groups = modulated ? RowGroups.Parameters.declare(kernel, "table") : null;
    KernelBuilder.Range range = kernel.range();
    int lanes = target.lanes();
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr row = body.let("row", t.add(range.lo(), i));
      Expr at = body.let("at", t.mul(row, channels));
      Expr mean = body.let(
          "mean",
          t.mul(
              total(body, lanes, (inner, j, n) -> t.load(x, t.add(at, j), n)),
              t.real(1.0 / channels)));
      Expr squares = total(body, lanes, (inner, j, n) -> {
        Expr difference = inner.let("d", t.sub(t.load(x, t.add(at, j), n), mean));
        return t.mul(difference, difference);
      });
      Expr variance = t.add(t.mul(squares, t.real(1.0 / channels)), t.real(epsilon));
      Expr factor = body.let("factor", t.divide(t.real(1), t.sqrt(variance)));
      Expr table = modulated ? body.let("table_at", t.mul(groups.row(t, row), channels)) : null;
      eachVector(body, lanes, (inner, j, n) -> {
        Expr value = t.mul(t.sub(t.load(x, t.add(at, j), n), mean), factor);
        if (modulated) {
          Expr gain = t.add(t.load(scale, t.add(table, j), n), t.real(1));
          value = t.add(t.mul(value, gain), t.load(shift, t.add(table, j), n));
        }
        inner.store(y, value, t.add(at, j));
      });
    });
  }

  /** Value of {@code lanes} channels from {@code channel} on. */
  private interface Part {
    Expr of(Body body, Expr channel, int lanes);
  }

  /** Work on {@code lanes} channels from {@code channel} on. */
  private interface Step {
    void at(Body body, Expr channel, int lanes);
  }

  private void eachVector(Body body, int lanes, Step step) {
    int vectors = channels / lanes;
    Tir t = body.tir();
    if (vectors > 0) {
      body.loop("v", vectors, (v, inner) -> step.at(inner, t.mul(v, lanes), lanes));
    }
    if (channels % lanes != 0) {
      body.loop(
          "c", channels % lanes, (c, inner) -> step.at(inner, t.add(c, (long) vectors * lanes), 1));
    }
  }

  /** Sum over the row; several partial sums hide the latency of the additions. */
  private Expr total(Body body, int lanes, Part part) {
    Tir t = body.tir();
    int vectors = channels / lanes;
    int partials = vectors % PARTIAL_SUMS == 0 ? PARTIAL_SUMS : 1;
    List<Expr> sums = new ArrayList<>();
    if (vectors > 0) {
      Buffer sum = body.local("sum", "float32", lanes, partials);
      for (int p = 0; p < partials; p++) {
        body.store(sum, t.widen(t.real(0), lanes), t.integer(p));
      }
      body.loop("v", vectors / partials, (v, inner) -> {
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
    if (channels % lanes != 0) {
      Buffer rest = body.local("rest", "float32", 1, 1);
      body.store(rest, t.real(0), t.integer(0));
      body.loop("c", channels % lanes, (c, inner) -> {
        Expr value = part.of(inner, t.add(c, (long) vectors * lanes), 1);
        inner.store(rest, t.add(t.load(rest, t.integer(0), 1), value), t.integer(0));
      });
      sums.add(t.load(rest, t.integer(0), 1));
    }
    return body.let("total", sums.size() == 1 ? sums.get(0) : t.add(sums.get(0), sums.get(1)));
  }
}
