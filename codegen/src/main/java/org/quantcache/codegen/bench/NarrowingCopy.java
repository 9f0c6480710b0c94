package org.quantcache.codegen.bench;

import org.quantcache.codegen.tir.Body;
import org.quantcache.codegen.tir.Buffer;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.Expr;
import org.quantcache.codegen.tir.KernelBuilder;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.codegen.tir.Tir;

/**
 * The least that rounding rows can do: reads f32, writes one byte of each. Parameters: x, bytes. Work items: rows.
 *
 * @param channels of a row, whole vectors
 */
record NarrowingCopy(int channels) implements KernelSpec {
  @Override
  public String functionName() {
    return "narrowing_copy_c" + channels;
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer x = kernel.pointer("x", "float32");
    Buffer bytes = kernel.pointer("bytes", "uint8");
    KernelBuilder.Range range = kernel.range();
    Body body = kernel.body();
    int lanes = target.lanes();
    body.loop("i", t.sub(range.hi(), range.lo()), (i, row) -> {
      Expr at = row.let("at", t.mul(t.add(range.lo(), i), channels));
      row.loop("v", channels / lanes, (v, inner) -> {
        Expr from = inner.let("from", t.add(at, t.mul(v, lanes)));
        Expr bits = t.reinterpret(t.load(x, from, lanes), "int32");
        inner.store(bytes, t.cast(bits, "uint8"), from);
      });
    });
  }
}
