package org.quantcache.codegen.tir;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
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

  /** Elements of a work item, where there are so many: what finds its place costs as much as a few of them. */
  private static final long ITEM = 256;

  /** An axis of the index space. */
  private record Axis(long size, long limit, long in, long out) {
    boolean isWhole() {
      return limit == size;
    }

    /** Whether a step along this axis is as far as the whole of a later one. */
    boolean continues(Axis later) {
      return isWhole()
          && later.isWhole()
          && in == later.in * later.size
          && out == later.out * later.size
          && later.size < ITEM;
    }
  }

  /** The axes without those of one element, neighbours that are one axis as such; at least one. */
  private List<Axis> axes() {
    List<Axis> found = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      if (sizes.get(i) > 1 || limits.get(i) < 1) {
        found.add(new Axis(sizes.get(i), limits.get(i), inStrides.get(i), outStrides.get(i)));
      }
    }
    for (int i = found.size() - 2; i >= 0; i--) {
      Axis later = found.get(i + 1);
      if (found.get(i).continues(later)) {
        long size = found.get(i).size * later.size;
        found.set(i, new Axis(size, size, later.in, later.out));
        found.remove(i + 1);
      }
    }
    return found.isEmpty() ? List.of(new Axis(1, 1, 1, 1)) : found;
  }

  /** How many of the axes the work items enumerate. */
  private static int outer(List<Axis> axes) {
    int outer = axes.size() - 1;
    for (long inner = axes.get(outer).size; outer > 0 && inner < ITEM; outer--) {
      inner *= axes.get(outer - 1).size;
    }
    return outer;
  }

  /** Places on the outer axes. */
  public long workItems() {
    List<Axis> axes = axes();
    return axes.subList(0, outer(axes)).stream().mapToLong(Axis::size).reduce(1, (a, b) -> a * b);
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    String type = bytes == 1 ? "uint8" : bytes == 4 ? "int32" : "int64";
    Buffer in = kernel.pointer("in", type);
    Buffer out = kernel.pointer("out", type);
    KernelBuilder.Range range = kernel.range();
    List<Axis> axes = axes();
    int outer = outer(axes);
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Place place = new Place(t.integer(inBase), t.integer(outBase), t.integer(1));
      Expr rest = body.let("item", t.add(range.lo(), i));
      for (int a = outer - 1; a >= 0; a--) {
        Axis axis = axes.get(a);
        Expr index = body.let("index", a == 0 ? rest : t.remainder(rest, axis.size));
        rest = t.quotient(rest, axis.size);
        place = place.along(body, axis, index);
      }
      inner(body, axes.subList(outer, axes.size()), place, in, out);
    });
  }

  /** Where an element is read and written, and 1 where it has a source, else 0. */
  private record Place(Expr from, Expr to, Expr inside) {
    Place along(Body body, Axis axis, Expr index) {
      Tir t = body.tir();
      Expr reached = axis.isWhole()
          ? inside
          : t.select(t.less(index, t.integer(axis.limit)), inside, t.integer(0));
      return new Place(
          body.let("from", t.add(from, t.mul(index, axis.in))),
          body.let("to", t.add(to, t.mul(index, axis.out))),
          reached);
    }
  }

  private void inner(Body body, List<Axis> axes, Place place, Buffer in, Buffer out) {
    Tir t = body.tir();
    Axis axis = axes.get(0);
    if (axes.size() > 1) {
      body.loop(
          "index",
          axis.size,
          (index, one) ->
              inner(one, axes.subList(1, axes.size()), place.along(one, axis, index), in, out));
      return;
    }
    Expr reachable = body.let("reachable", t.mul(place.inside, axis.limit));
    body.loop(
        "j",
        reachable,
        (j, one) -> one.store(
            out,
            t.load(in, t.add(place.from, t.mul(j, axis.in)), 1),
            t.add(place.to, t.mul(j, axis.out))));
    Expr zero = t.cast(t.integer(0), out.type());
    body.loop(
        "j",
        t.sub(t.integer(axis.size), reachable),
        (j, one) -> one.store(out, zero, t.add(place.to, t.mul(t.add(reachable, j), axis.out))));
  }
}
