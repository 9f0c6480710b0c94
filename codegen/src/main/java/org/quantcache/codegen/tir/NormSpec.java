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
    RowTile.each(kernel.body(), range, channels, (body, tile) -> {
      NextRow next = new NextRow(x, channels, tile.rows());
      NormRows norm = NormRows.measure(body, tile, row, x, epsilon, next);
      NextRow.Share share = next.quarters(next.left());
      tile.pass(body, (pass, at) -> {
        Channels.Step fetch = share.beside(at);
        Channels.Part values = norm.values(pass, at);
        Expr table =
            modulated ? pass.let("table_at", t.mul(groups.row(t, at.index()), channels)) : null;
        row.each(pass, (inner, j, n) -> {
          fetch.at(inner, j, n);
          Expr value = values.of(inner, j, n);
          if (modulated) {
            value = NormRows.modulate(
                t, value, t.load(shift, t.add(table, j), n), t.load(scale, t.add(table, j), n));
          }
          inner.store(y, value, t.add(at.at(), j));
        });
      });
    });
  }
}
