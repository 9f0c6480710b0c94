package org.quantcache.codegen.tir;

import java.util.Locale;
import org.quantcache.ir.ops.QuantOps;

/**
 * Rounds rows of f32 to unsigned bytes: prologue, balance, Hadamard transform, then a grid of {@code 2^bits} numbers
 * between the smallest and the largest, as {@code kernels.quant.RowQuantizer} defines it.
 *
 * <p>Parameters: x {@code [rows, channels]}, values u8 {@code [rows, channels]}, range f32 {@code [rows or 1, 2]} (step,
 * least), [shift, scale], [inverse {@code [channels]}], [bits i32], rows, [the four numbers of {@link RowGroups}]; then
 * the range. Work items: {@link #workItems}.
 *
 * @param channels of a row
 * @param prologue what is done to x first
 * @param epsilon of the norm, else 0
 * @param inverse whether channels are multiplied by factors
 * @param hadamard channels of a rotated block, 0 for none
 * @param bits bits of the values, at most
 * @param cellBits 8, or 4 where two neighbours share a byte, the first in its lower half; the cpu knows 8 alone
 * @param dynamic whether the bits of a run are an argument
 * @param perTensor whether all rows share one range; they are gone over twice by one worker
 */
public record QuantRowsSpec(
    int channels,
    Prologue prologue,
    double epsilon,
    boolean inverse,
    int hadamard,
    int bits,
    int cellBits,
    boolean dynamic,
    boolean perTensor)
    implements KernelSpec {
  /** With a value in each byte. */
  public QuantRowsSpec(
      int channels,
      Prologue prologue,
      double epsilon,
      boolean inverse,
      int hadamard,
      int bits,
      boolean dynamic,
      boolean perTensor) {
    this(channels, prologue, epsilon, inverse, hadamard, bits, Byte.SIZE, dynamic, perTensor);
  }

  /** What is done to the operand before it is rounded. */
  public enum Prologue {
    NONE,
    NORM_MODULATE,
    GELU
  }

  @Override
  public String functionName() {
    return "quant_rows_c" + channels
        + (prologue == Prologue.NONE ? "" : "_" + prologue.name().toLowerCase(Locale.ROOT))
        + (prologue == Prologue.NORM_MODULATE ? "_" + Names.of(epsilon) : "")
        + (inverse ? "_inverse" : "")
        + (hadamard > 1 ? "_h" + hadamard : "")
        + "_a" + bits
        + (cellBits == Byte.SIZE ? "" : "_cell" + cellBits)
        + (dynamic ? "_dynamic" : "")
        + (perTensor ? "_tensor" : "");
  }

  /** Rows, or one when they share a range. */
  public long workItems(long rows) {
    return perTensor ? Math.min(rows, 1) : rows;
  }

  @Override
  public long workspaceBytes(CpuTarget target) {
    return isDirect() ? 0 : 4L * GemmBlocking.roundUp(channels, target.lanes());
  }

  /** Nothing is done to x, so that it is read twice instead of being kept. */
  private boolean isDirect() {
    return prologue == Prologue.NONE && !inverse && hadamard <= 1;
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    new Emitter(kernel, target).emit();
  }

  /** The kernel being written. */
  private final class Emitter {
    private final Tir t;
    private final Body body;
    private final Channels row;
    private final Buffer x;
    private final Buffer values;
    private final Buffer rangeOut;
    private final Buffer shift;
    private final Buffer scale;
    private final Buffer factors;
    private final Buffer runBits;
    private final Expr rows;
    private final RowGroups.Parameters groups;
    private final KernelBuilder.Range range;

    Emitter(KernelBuilder kernel, CpuTarget target) {
      this.t = kernel.tir();
      this.body = kernel.body();
      this.row = new Channels(channels, target.lanes());
      boolean norm = prologue == Prologue.NORM_MODULATE;
      this.x = kernel.pointer("x", "float32");
      this.values = kernel.pointer("values", "uint8");
      this.rangeOut = kernel.pointer("range", "float32");
      this.shift = norm ? kernel.pointer("shift", "float32") : null;
      this.scale = norm ? kernel.pointer("scale", "float32") : null;
      this.factors = inverse ? kernel.pointer("inverse", "float32") : null;
      this.runBits = dynamic ? kernel.pointer("bits", "int32") : null;
      this.rows = kernel.integer("rows");
      this.groups = norm ? RowGroups.Parameters.declare(kernel, "table") : null;
      this.range = kernel.range();
    }

    void emit() {
      Expr most = body.let("most", most());
      if (!perTensor) {
        body.loop("i", t.sub(range.hi(), range.lo()), (i, inner) -> {
          Expr index = inner.let("row", t.add(range.lo(), i));
          Extremes extremes = new Extremes(inner, row.lanes());
          Channels.Part prepared = prepare(inner, index, extremes);
          Grid grid = grid(inner, extremes, most, t.mul(index, 2));
          round(inner, index, prepared, grid);
        });
        return;
      }
      body.loop("once", t.sub(range.hi(), range.lo()), (once, all) -> {
        Extremes extremes = new Extremes(all, row.lanes());
        all.loop("i", rows, (i, inner) -> prepare(inner, i, extremes));
        Grid grid = grid(all, extremes, most, t.integer(0));
        all.loop("i", rows, (i, inner) -> {
          Extremes ignored = new Extremes(inner, row.lanes());
          round(inner, i, prepare(inner, i, ignored), grid);
        });
      });
    }

    /** The largest value, as a float. */
    private Expr most() {
      if (!dynamic) {
        return t.real((1 << bits) - 1);
      }
      Expr asked = t.max(t.load(runBits, t.integer(0), 1), t.integer(QuantOps.LEAST_BITS));
      Expr held = t.min(asked, t.integer(bits));
      return t.cast(t.sub(t.shiftLeft(t.integer(1), held), t.integer(1)), "float32");
    }

    /** Numbers of a row as they are rounded; they are noted. */
    private Channels.Part prepare(Body inner, Expr index, Extremes extremes) {
      Expr at = inner.let("at", t.mul(index, channels));
      Channels.Part source = balanced(prologue(inner, index, at));
      if (hadamard > 1) {
        new HadamardEmitter(row, hadamard, range.workspace()).emit(inner, source, extremes);
      } else {
        row.each(inner, (one, j, n) -> {
          Expr value = one.let("value", source.of(one, j, n));
          if (!isDirect()) {
            one.store(range.workspace(), value, j);
          }
          extremes.note(one, value);
        });
      }
      return isDirect() ? source : (one, j, n) -> t.load(range.workspace(), j, n);
    }

    /** In the last pass that reads x, which has the most to compute, memory brings the row after this one. */
    private void fetchNextRow(Body one, Expr at, Expr channel, int lanes) {
      if (lanes > 1) {
        one.prefetch(x, t.add(t.add(at, channel), channels));
      }
    }

    private Channels.Part prologue(Body inner, Expr index, Expr at) {
      Channels.Part plain = (one, j, n) -> {
        if (!isDirect()) {
          fetchNextRow(one, at, j, n);
        }
        return t.load(x, t.add(at, j), n);
      };
      return switch (prologue) {
        case NONE -> plain;
        case GELU -> (one, j, n) -> Functions.gelu(one, one.let("x", plain.of(one, j, n)));
        case NORM_MODULATE -> {
          NormRow norm = NormRow.measure(inner, row, x, at, epsilon);
          Expr table = inner.let("table_at", t.mul(groups.row(t, index), channels));
          yield (one, j, n) -> {
            fetchNextRow(one, at, j, n);
            return NormRow.modulate(
                t,
                norm.value(t, j, n),
                t.load(shift, t.add(table, j), n),
                t.load(scale, t.add(table, j), n));
          };
        }
      };
    }

    private Channels.Part balanced(Channels.Part source) {
      return inverse
          ? (one, j, n) -> t.rounded(t.mul(source.of(one, j, n), t.load(factors, j, n)))
          : source;
    }

    /** Scalars that rounding needs. */
    private record Grid(Expr inverse, Expr least, Expr most) {}

    private Grid grid(Body inner, Extremes extremes, Expr most, Expr pair) {
      Expr least = extremes.least(inner);
      Expr half = t.sub(t.mul(extremes.largest(inner), t.real(0.5)), t.mul(least, t.real(0.5)));
      Expr step = inner.let(
          "step", t.max(t.divide(half, t.mul(most, t.real(0.5))), t.real(Float.MIN_NORMAL)));
      inner.store(rangeOut, step, pair);
      inner.store(rangeOut, least, t.add(pair, 1));
      return new Grid(inner.let("inverse", t.divide(t.real(1), step)), least, most);
    }

    /** The nearest whole number up to the largest; that of a byte is what narrowing stops at. */
    private Expr whole(Expr steps, Grid grid) {
      Expr found = t.cast(t.nearestInteger(steps), "uint32");
      return t.min(found, t.cast(grid.most(), "uint32"));
    }

    private void round(Body inner, Expr index, Channels.Part prepared, Grid grid) {
      Expr at = inner.let("to", t.mul(index, channels));
      row.each(inner, (one, j, n) -> {
        Expr steps = t.mul(t.sub(prepared.of(one, j, n), grid.least()), grid.inverse());
        if (isDirect()) {
          fetchNextRow(one, at, j, n);
        }
        one.store(values, t.cast(whole(steps, grid), "uint8"), t.add(at, j));
      });
    }
  }
}
