package org.quantcache.codegen.tir;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Element by element with broadcasting: an operand is read at the index of the result modulo its size on every axis.
 *
 * <p>Parameters: the operands, the result; then the range. Work items: {@link #workItems}.
 *
 * @param function what is computed
 * @param sizes of the result
 * @param operands sizes of the operands
 */
public record ElementwiseSpec(Function function, List<Long> sizes, List<List<Long>> operands)
    implements KernelSpec {
  /** Elementwise functions; truth values are bytes. */
  public enum Function {
    ADD,
    SUB,
    MUL,
    SELECT,
    GREATER_OR_EQUAL,
    EQUAL,
    AND_NOT,
    MODULATE,
    GELU,
    SILU;

    boolean readsTruth(int operand) {
      return this == AND_NOT || (this == SELECT && operand == 0);
    }

    boolean givesTruth() {
      return this == GREATER_OR_EQUAL || this == EQUAL || this == AND_NOT;
    }
  }

  public ElementwiseSpec {
    sizes = ImmutableList.copyOf(sizes);
    operands =
        operands.stream().map(ImmutableList::copyOf).collect(ImmutableList.toImmutableList());
  }

  @Override
  public String functionName() {
    return function.name().toLowerCase(Locale.ROOT) + "_" + Names.of(sizes) + "__"
        + operands.stream().map(Names::of).collect(Collectors.joining("_"));
  }

  private long lastSize() {
    return sizes.isEmpty() ? 1 : sizes.get(sizes.size() - 1);
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
    List<Buffer> inputs = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      inputs.add(kernel.pointer("x" + i, function.readsTruth(i) ? "uint8" : "float32"));
    }
    Buffer out = kernel.pointer("out", function.givesTruth() ? "uint8" : "float32");
    KernelBuilder.Range range = kernel.range();
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr row = body.let("row", t.add(range.lo(), i));
      List<Expr> bases = new ArrayList<>();
      for (List<Long> operand : operands) {
        bases.add(body.let("base", rowOffset(t, row, operand)));
      }
      Expr to = body.let("to", t.mul(row, lastSize()));
      boolean vectors = operands.stream().allMatch(o -> last(o) == 1 || last(o) == lastSize());
      int lanes = vectors ? target.lanes() : 1;
      long whole = lastSize() / lanes;
      if (whole > 0) {
        body.loop(
            "v",
            whole,
            (v, inner) -> element(inner, inputs, bases, out, to, t.mul(v, lanes), lanes));
      }
      if (lastSize() % lanes != 0) {
        body.loop(
            "c",
            lastSize() % lanes,
            (c, inner) -> element(inner, inputs, bases, out, to, t.add(c, whole * lanes), 1));
      }
    });
  }

  private static long last(List<Long> sizes) {
    return sizes.isEmpty() ? 1 : sizes.get(sizes.size() - 1);
  }

  /** Offset of the operand's row for a row of the result. */
  private Expr rowOffset(Tir t, Expr row, List<Long> operand) {
    Expr offset = t.integer(0);
    Expr rest = row;
    long stride = last(operand);
    for (int axis = sizes.size() - 2; axis >= 0; axis--) {
      long size = operand.get(axis);
      if (size > 1) {
        Expr index = t.remainder(axis == 0 ? rest : t.remainder(rest, sizes.get(axis)), size);
        offset = t.add(offset, t.mul(index, stride));
      }
      rest = t.quotient(rest, sizes.get(axis));
      stride *= size;
    }
    return offset;
  }

  private void element(
      Body body, List<Buffer> inputs, List<Expr> bases, Buffer out, Expr to, Expr at, int lanes) {
    Tir t = body.tir();
    List<Expr> x = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      boolean stretched = last(operands.get(i)) == 1 && lastSize() != 1;
      Expr index =
          stretched ? bases.get(i) : t.add(bases.get(i), t.remainder(at, last(operands.get(i))));
      boolean plain = last(operands.get(i)) == lastSize();
      Expr value =
          t.load(inputs.get(i), plain ? t.add(bases.get(i), at) : index, stretched ? 1 : lanes);
      x.add(body.let("x", t.widen(value, lanes)));
    }
    body.store(out, apply(body, x), t.add(to, at));
  }

  private Expr apply(Body body, List<Expr> x) {
    Tir t = body.tir();
    return switch (function) {
      case ADD -> t.add(x.get(0), x.get(1));
      case SUB -> t.sub(x.get(0), x.get(1));
      case MUL -> t.mul(x.get(0), x.get(1));
      case SELECT -> t.select(isFalse(t, x.get(0)), x.get(2), x.get(1));
      case GREATER_OR_EQUAL -> truth(t, t.lessOrEqual(x.get(1), x.get(0)));
      case EQUAL -> truth(t, t.equal(x.get(0), x.get(1)));
      case AND_NOT -> truth(t, t.less(zeroOrOne(t, x.get(1)), zeroOrOne(t, x.get(0))));
      case MODULATE -> t.add(t.mul(x.get(0), t.add(x.get(2), t.real(1))), x.get(1));
      case GELU -> Functions.gelu(body, x.get(0));
      case SILU -> Functions.silu(body, x.get(0));
    };
  }

  private static Expr isFalse(Tir t, Expr bytes) {
    return t.equal(t.cast(bytes, "int32"), t.integer(0));
  }

  /** A caller may give any byte but 0 for true. */
  private static Expr zeroOrOne(Tir t, Expr bytes) {
    return t.min(t.cast(bytes, "int32"), t.integer(1));
  }

  private static Expr truth(Tir t, Expr condition) {
    return t.cast(t.select(condition, t.integer(1), t.integer(0)), "uint8");
  }
}
