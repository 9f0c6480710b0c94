package org.quantcache.codegen.tir;

/**
 * {@code quant.grid}: the grid that spans the extremes of rows.
 *
 * <p>Parameters: extremes f32 {@code [rows, 2]}, grid f32 {@code [2]} (step, least), [bits i32], rows; then the range.
 * One work item.
 *
 * @param bits bits of the values, at most
 * @param dynamic whether the bits of a run are an argument
 */
public record GridSpec(int bits, boolean dynamic) implements KernelSpec {
  @Override
  public String functionName() {
    return "quant_grid_a" + bits + (dynamic ? "_dynamic" : "");
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer extremes = kernel.pointer("extremes", "float32");
    Buffer grid = kernel.pointer("grid", "float32");
    Buffer runBits = dynamic ? kernel.pointer("bits", "int32") : null;
    Expr rows = kernel.integer("rows");
    KernelBuilder.Range range = kernel.range();
    kernel.body().loop("once", t.sub(range.hi(), range.lo()), (once, body) -> {
      Extremes all = new Extremes(body, 1);
      body.loop("row", rows, (row, inner) -> {
        Expr pair = inner.let("pair", t.mul(row, 2));
        all.note(inner, t.load(extremes, pair, 1), t.load(extremes, t.add(pair, 1), 1));
      });
      Expr most = RowGrid.most(body, bits, runBits);
      RowGrid.spanning(body, all.least(body), all.largest(body), most)
          .store(body, grid, t.integer(0));
    });
  }
}
