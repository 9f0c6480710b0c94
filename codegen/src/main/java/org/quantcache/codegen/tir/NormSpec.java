package org.quantcache.codegen.tir;

/**
 * {@code y = (x - mean) / sqrt(variance + epsilon)} over rows of {@code channels}, then {@code * (1 + scale) + shift}
 * when modulated.
 *
 * <p>Parameters: x, y, [shift, scale, the four numbers of {@link RowGroups}]; then the range. Work items: rows.
 */
public record NormSpec(int channels, double epsilon, boolean modulated) implements KernelSpec {
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
    RowLoop rows = new RowLoop(channels, target.lanes());
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr row = body.let("row", t.add(range.lo(), i));
      Expr at = body.let("at", t.mul(row, channels));
      Expr mean = body.let(
          "mean",
          t.mul(
              rows.total(body, (inner, j, n) -> t.load(x, t.add(at, j), n)),
              t.real(1.0 / channels)));
      Expr squares = rows.total(body, (inner, j, n) -> {
        Expr difference = inner.let("d", t.sub(t.load(x, t.add(at, j), n), mean));
        return t.mul(difference, difference);
      });
      Expr variance = t.add(t.mul(squares, t.real(1.0 / channels)), t.real(epsilon));
      Expr factor = body.let("factor", t.divide(t.real(1), t.sqrt(variance)));
      Expr table = modulated ? body.let("table_at", t.mul(groups.row(t, row), channels)) : null;
      rows.each(body, (inner, j, n) -> {
        Expr value = t.mul(t.sub(t.load(x, t.add(at, j), n), mean), factor);
        if (modulated) {
          Expr gain = t.add(t.load(scale, t.add(table, j), n), t.real(1));
          value = t.add(t.mul(value, gain), t.load(shift, t.add(table, j), n));
        }
        inner.store(y, value, t.add(at, j));
      });
    });
  }
}
