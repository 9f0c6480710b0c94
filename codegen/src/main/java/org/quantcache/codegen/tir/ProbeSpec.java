package org.quantcache.codegen.tir;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * {@code cache.probe}: sums over each row of {@code p = value - base}, or of the value itself, against the p of before,
 * which it replaces. A row reads no other row's previous p, so rows may go in any order; the p of one frame earlier is
 * computed again.
 *
 * <p>Parameters: value, base where there is one, previous, sums; then the range. Work items: rows.
 *
 * @param frames of a sample
 * @param places rows of a frame
 * @param channels of a row
 * @param based whether there is a base
 */
public record ProbeSpec(int frames, int places, int channels, boolean based) implements KernelSpec {
  @Override
  public String functionName() {
    return (based ? "probe_" : "probe_whole_")
        + Names.of(List.of((long) frames, (long) places, (long) channels));
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer value = kernel.pointer("value", "float32");
    Optional<Buffer> base =
        based ? Optional.of(kernel.pointer("base", "float32")) : Optional.empty();
    Buffer previous = kernel.pointer("previous", "float32");
    Buffer sums = kernel.pointer("sums", "float32");
    KernelBuilder.Range range = kernel.range();
    Channels rows = new Channels(channels, target.lanes());
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr row = body.let("row", t.add(range.lo(), i));
      Expr at = body.let("at", t.mul(row, channels));
      Expr to = body.let("to", t.mul(row, 4));
      BiFunction<Expr, Integer, Expr> p = (j, lanes) -> {
        Expr here = t.load(value, j, lanes);
        return base.map(b -> t.sub(here, t.load(b, j, lanes))).orElse(here);
      };
      List<Expr> changes = rows.totals(body, 2, (inner, j, lanes) -> {
        Expr here = t.add(at, j);
        Expr now = inner.let("now", p.apply(here, lanes));
        Expr before = inner.let("before", t.load(previous, here, lanes));
        inner.store(previous, now, here);
        return List.of(Functions.magnitude(t, t.sub(now, before)), Functions.magnitude(t, before));
      });
      body.store(sums, changes.get(0), to);
      body.store(sums, changes.get(1), t.add(to, 1));
      Expr frame = body.let("frame", t.remainder(t.quotient(row, places), frames));
      body.when(
          t.less(t.integer(0), frame),
          later -> {
            Expr earlier = later.let("earlier", t.sub(at, t.integer((long) places * channels)));
            List<Expr> motion = rows.totals(later, 2, (inner, j, lanes) -> {
              Expr now = inner.let("now", p.apply(t.add(at, j), lanes));
              Expr then = inner.let("then", p.apply(t.add(earlier, j), lanes));
              return List.of(
                  Functions.magnitude(t, t.sub(now, then)),
                  t.add(Functions.magnitude(t, now), Functions.magnitude(t, then)));
            });
            later.store(sums, motion.get(0), t.add(to, 2));
            later.store(sums, motion.get(1), t.add(to, 3));
          },
          first -> {
            first.store(sums, t.real(0), t.add(to, 2));
            first.store(sums, t.real(0), t.add(to, 3));
          });
    });
  }
}
