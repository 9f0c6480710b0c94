package org.quantcache.codegen.tir;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Moves elements: {@code out[outBase + sum(i_a outStride_a)] = in[inBase + sum(i_a inStride_a)]}, or zero where an
 * index is at or beyond its limit. Permute, slice, pad and the parts of a concat are such copies.
 *
 * <p>Parameters: in, out; then the range. Work items: {@link #workItems}.
 *
 * @param bytes bytes of an element: 1, 4 or 8
 * @param sizes index space
 * @param limits indices that have a source, axis by axis
 */
public record CopySpec(
    int bytes,
    List<Long> sizes,
    List<Long> limits,
    long inBase,
    List<Long> inStrides,
    long outBase,
    List<Long> outStrides)
    implements KernelSpec {
  public CopySpec {
    sizes = ImmutableList.copyOf(sizes);
    limits = ImmutableList.copyOf(limits);
    inStrides = ImmutableList.copyOf(inStrides);
    outStrides = ImmutableList.copyOf(outStrides);
  }

  @Override
  public String functionName() {
    return "copy_" + bytes + "_" + Names.of(sizes) + "_" + Names.of(limits) + "_" + inBase + "_"
        + Names.of(inStrides) + "_" + outBase + "_" + Names.of(outStrides);
  }

  /** Rows along the last axis. */
  public long workItems() {
    long rows = 1;
    for (int axis = 0; axis < sizes.size() - 1; axis++) {
      rows *= sizes.get(axis);
    }
    return rows;
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    String type = bytes == 1 ? "uint8" : bytes == 4 ? "int32" : "int64";
    Buffer in = kernel.pointer("in", type);
    Buffer out = kernel.pointer("out", type);
    KernelBuilder.Range range = kernel.range();
    int last = sizes.size() - 1;
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr rest = body.let("row", t.add(range.lo(), i));
      Expr from = t.integer(inBase);
      Expr to = t.integer(outBase);
      Expr inside = t.integer(1);
      for (int axis = last - 1; axis >= 0; axis--) {
        Expr index = body.let("index", axis == 0 ? rest : t.remainder(rest, sizes.get(axis)));
        rest = t.quotient(rest, sizes.get(axis));
        from = t.add(from, t.mul(index, inStrides.get(axis)));
        to = t.add(to, t.mul(index, outStrides.get(axis)));
        if (limits.get(axis) < sizes.get(axis)) {
          inside = t.select(t.less(index, t.integer(limits.get(axis))), inside, t.integer(0));
        }
      }
      Expr source = body.let("from", from);
      Expr target0 = body.let("to", to);
      Expr reachable = body.let("reachable", t.mul(inside, limits.get(last)));
      Expr zero = t.cast(t.integer(0), type);
      body.loop(
          "j",
          reachable,
          (j, inner) -> inner.store(
              out,
              t.load(in, t.add(source, t.mul(j, inStrides.get(last))), 1),
              t.add(target0, t.mul(j, outStrides.get(last)))));
      body.loop(
          "j",
          t.sub(t.integer(sizes.get(last)), reachable),
          (j, inner) -> inner.store(
              out, zero, t.add(target0, t.mul(t.add(reachable, j), outStrides.get(last)))));
    });
  }
}
