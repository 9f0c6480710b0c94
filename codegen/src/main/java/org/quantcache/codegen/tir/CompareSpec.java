package org.quantcache.codegen.tir;

import java.util.List;
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
      List<Expr> found = columns.totals(body, PruneOps.PROBE_SUMS, (inner, j, lanes) -> {
        Expr whole = t.load(value, t.add(valueAt, j), lanes);
        Expr p =
            inner.let("p", hasBase ? t.sub(whole, t.load(base, t.add(baseAt, j), lanes)) : whole);
        Expr before = inner.let("before", t.load(held, t.add(at, j), lanes));
        inner.store(held, p, t.add(at, j));
        return terms(t, p, before);
      });
      for (int sum = 0; sum < found.size(); sum++) {
        body.store(sums, found.get(sum), t.add(to, sum));
      }
    });
  }

  /** What is summed up for each element. */
  static List<Expr> terms(Tir t, Expr p, Expr held) {
    return List.of(
        t.mul(p, held),
        t.mul(p, p),
        t.mul(held, held),
        Functions.magnitude(t, t.sub(p, held)),
        Functions.magnitude(t, held));
  }
}
