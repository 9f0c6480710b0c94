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
    Channels row = new Channels(channels, target.lanes());
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr index = body.let("row", t.add(range.lo(), i));
      Expr at = body.let("at", t.mul(index, channels));
      NextRow next = new NextRow(x, body.let("next", t.add(at, channels)), channels);
      NormRow norm = NormRow.measure(body, row, x, at, epsilon, next);
      Channels.Step fetch = next.quarters(next.left());
      Expr table = modulated ? body.let("table_at", t.mul(groups.row(t, index), channels)) : null;
      row.each(body, (inner, j, n) -> {
        fetch.at(inner, j, n);
        Expr value = norm.value(t, j, n);
        if (modulated) {
          value = NormRow.modulate(
              t, value, t.load(shift, t.add(table, j), n), t.load(scale, t.add(table, j), n));
        }
        inner.store(y, value, t.add(at, j));
      });
    });
  }
}
