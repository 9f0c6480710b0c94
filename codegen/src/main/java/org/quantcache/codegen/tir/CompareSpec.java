package org.quantcache.codegen.tir;

import java.util.function.BiFunction;
import org.quantcache.ir.ops.PruneOps;

/**
 * {@code prune.probe}: sums over each row of {@code p = value - base} against what is held, which it replaces; value
 * and base repeat after their own rows.
 *
 * <p>Parameters: value, base where there is one, held, sums, value rows, base rows; then the range. Work items: rows.
 *
 * @param channels of a row
 * @param hasBase whether there is a base
 */
public record CompareSpec(int channels, boolean hasBase) implements KernelSpec {
  @Override
  public String functionName() {
    return "compare_c" + channels + (hasBase ? "_base" : "");
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer value = kernel.pointer("value", "float32");
    Buffer base = hasBase ? kernel.pointer("base", "float32") : value;
    Buffer held = kernel.pointer("held", "float32");
    Buffer sums = kernel.pointer("sums", "float32");
    Expr valueRows = kernel.integer("value_rows");
    Expr baseRows = kernel.integer("base_rows");
    KernelBuilder.Range range = kernel.range();
    Channels columns = new Channels(channels, target.lanes());
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr row = body.let("row", t.add(range.lo(), i));
      Expr at = body.let("at", t.mul(row, channels));
      Expr valueAt = body.let("value_at", t.mul(t.remainder(row, valueRows), channels));
      Expr baseAt = body.let("base_at", t.mul(t.remainder(row, baseRows), channels));
      Expr to = body.let("to", t.mul(row, PruneOps.PROBE_SUMS));
      BiFunction<Expr, Integer, Expr> p = (j, lanes) -> {
        Expr whole = t.load(value, t.add(valueAt, j), lanes);
        return hasBase ? t.sub(whole, t.load(base, t.add(baseAt, j), lanes)) : whole;
      };
      BiFunction<Expr, Integer, Expr> before = (j, lanes) -> t.load(held, t.add(at, j), lanes);
      Expr product = columns.total(
          body, (inner, j, lanes) -> t.mul(p.apply(j, lanes), before.apply(j, lanes)));
      body.store(sums, product, to);
      Expr square =
          columns.total(body, (inner, j, lanes) -> t.mul(p.apply(j, lanes), p.apply(j, lanes)));
      body.store(sums, square, t.add(to, 1));
      Expr heldSquare = columns.total(
          body, (inner, j, lanes) -> t.mul(before.apply(j, lanes), before.apply(j, lanes)));
      body.store(sums, heldSquare, t.add(to, 2));
      Expr change = columns.total(
          body,
          (inner, j, lanes) ->
              Functions.magnitude(t, t.sub(p.apply(j, lanes), before.apply(j, lanes))));
      body.store(sums, change, t.add(to, 3));
      Expr magnitude =
          columns.total(body, (inner, j, lanes) -> Functions.magnitude(t, before.apply(j, lanes)));
      body.store(sums, magnitude, t.add(to, 4));
      columns.each(body, (inner, j, lanes) -> inner.store(held, p.apply(j, lanes), t.add(at, j)));
    });
  }
}
