package org.quantcache.codegen.tir;

import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * Rounds rows of f32 to unsigned bytes: prologue, balance, Hadamard transform, then a grid of {@code 2^bits} numbers
 * between the smallest and the largest, as {@code kernels.quant.RowQuantizer} defines it. Where rows share a grid, it is
 * done in parts, with {@link GridSpec} between them.
 *
 * <p>Parameters: x {@code [rows, channels]}, what the part writes ({@link Part}), [shift, scale],
 * [inverse {@code [channels]}], [grid f32 {@code [2]}], [bits i32], [the four numbers of {@link RowGroups}]; then the
 * range. Work items: rows.
 *
 * @param channels of a row
 * @param prologue what is done to x first
 * @param epsilon of the norm, else 0
 * @param inverse whether channels are multiplied by factors
 * @param hadamard channels of a rotated block, 0 for none
 * @param bits bits of the values, at most; 0 where nothing is rounded
 * @param cellBits 8, or 4 where two neighbours share a byte, the first in its lower half; the cpu knows 8 alone
 * @param dynamic whether the bits of a run are an argument
 * @param part what is done to the numbers that come out
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
    Part part)
    implements KernelSpec {
  /** In bytes. */
  private static final int CACHE_LINE = 64;

  /** With a value in each byte. */
  public QuantRowsSpec(
      int channels,
      Prologue prologue,
      double epsilon,
      boolean inverse,
      int hadamard,
      int bits,
      boolean dynamic,
      Part part) {
    this(channels, prologue, epsilon, inverse, hadamard, bits, Byte.SIZE, dynamic, part);
  }

  /** What is done to the operand before it is rounded. */
  public enum Prologue {
    NONE,
    NORM_MODULATE,
    GELU
  }

  /** What becomes of the numbers of a row. */
  public enum Part {
    /** {@code quant.rows}: values u8 {@code [rows, channels]} and the grid of each row, f32 {@code [rows, 2]} (step, least). */
    ROWS,
    /** {@code quant.extremes}: f32 {@code [rows, 2]} (smallest, largest). */
    EXTREMES,
    /** {@code quant.round}: values u8 {@code [rows, channels]} on a grid that is an argument. */
    ROUND
  }

  @Override
  public String functionName() {
    return "quant_" + part.name().toLowerCase(Locale.ROOT)
        + "_c" + channels
        + (prologue == Prologue.NONE ? "" : "_" + prologue.name().toLowerCase(Locale.ROOT))
        + (prologue == Prologue.NORM_MODULATE ? "_" + Names.of(epsilon) : "")
        + (inverse ? "_inverse" : "")
        + (hadamard > 1 ? "_h" + hadamard : "")
        + (part == Part.EXTREMES ? "" : "_a" + bits)
        + (cellBits == Byte.SIZE ? "" : "_cell" + cellBits)
        + (dynamic ? "_dynamic" : "");
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
    private final Buffer pairs;
    private final Buffer shift;
    private final Buffer scale;
    private final Buffer factors;
    private final Buffer grid;
    private final Buffer runBits;
    private final RowGroups.Parameters groups;
    private final KernelBuilder.Range range;

    Emitter(KernelBuilder kernel, CpuTarget target) {
      this.t = kernel.tir();
      this.body = kernel.body();
      this.row = new Channels(channels, target.lanes());
      boolean norm = prologue == Prologue.NORM_MODULATE;
      this.x = kernel.pointer("x", "float32");
      this.values = part == Part.EXTREMES ? null : kernel.pointer("values", "uint8");
      this.pairs = part == Part.ROUND ? null : kernel.pointer("pairs", "float32");
      this.shift = norm ? kernel.pointer("shift", "float32") : null;
      this.scale = norm ? kernel.pointer("scale", "float32") : null;
      this.factors = inverse ? kernel.pointer("inverse", "float32") : null;
      this.grid = part == Part.ROUND ? kernel.pointer("grid", "float32") : null;
      this.runBits = dynamic ? kernel.pointer("bits", "int32") : null;
      this.groups = norm ? RowGroups.Parameters.declare(kernel, "table") : null;
      this.range = kernel.range();
    }

    void emit() {
      switch (part) {
        case ROWS -> {
          Expr most = RowGrid.most(body, bits, runBits);
          rows((inner, index) -> {
            Extremes extremes = new Extremes(inner, row.lanes());
            NextRow next = next(inner, index);
            Channels.Part kept = keep(inner, index, next, extremes);
            RowGrid own =
                RowGrid.spanning(inner, extremes.least(inner), extremes.largest(inner), most);
            own.store(inner, pairs, t.mul(index, 2));
            round(inner, index, next, kept, own);
          });
        }
        case EXTREMES ->
          rows((inner, index) -> {
            Extremes extremes = new Extremes(inner, row.lanes());
            prepare(
                inner, index, next(inner, index), (one, j, vectors) -> extremes.note(one, vectors));
            Expr pair = inner.let("pair", t.mul(index, 2));
            inner.store(pairs, extremes.least(inner), pair);
            inner.store(pairs, extremes.largest(inner), t.add(pair, 1));
          });
        case ROUND -> {
          Expr most = RowGrid.most(body, bits, runBits);
          RowGrid shared = RowGrid.load(body, grid, t.integer(0), most);
          rows((inner, index) -> {
            Expr at = inner.let("to", t.mul(index, channels));
            prepare(inner, index, next(inner, index), (one, j, vectors) -> {
              // What was kept in memory has rounded, and so must this.
              List<Expr> numbers = vectors.stream().map(t::rounded).toList();
              shared.round(one, numbers, values, t.add(at, j));
            });
          });
        }
      }
    }

    private void rows(BiConsumer<Body, Expr> work) {
      body.loop(
          "i",
          t.sub(range.hi(), range.lo()),
          (i, inner) -> work.accept(inner, inner.let("row", t.add(range.lo(), i))));
    }

    private NextRow next(Body inner, Expr index) {
      Expr start = inner.let("next", t.mul(t.add(index, 1), channels));
      return new NextRow(x, start, channels);
    }

    /** Prepares a row, notes its numbers and keeps them where they can be read again. */
    private Channels.Part keep(Body inner, Expr index, NextRow next, Extremes extremes) {
      prepare(inner, index, next, (one, j, vectors) -> {
        if (!isDirect()) {
          for (int i = 0; i < vectors.size(); i++) {
            Expr to = t.add(j, (long) i * vectors.get(i).lanes());
            one.store(range.workspace(), vectors.get(i), to);
          }
        }
        fetchNextValues(one, index, j, vectors);
        extremes.note(one, vectors);
      });
      Expr at = inner.let("at", t.mul(index, channels));
      return (one, j, n) ->
          isDirect() ? t.load(x, t.add(at, j), n) : t.load(range.workspace(), j, n);
    }

    /** Hands out the numbers of a row as they are rounded. */
    private void prepare(Body inner, Expr index, NextRow next, Channels.Sink sink) {
      Expr at = inner.let("at", t.mul(index, channels));
      Channels.Part prologue = prologue(inner, index, at, next);
      Channels.Part plain = balanced(prologue);
      boolean apart = hadamard > 1 && isApart();
      Channels.Part source = apart ? throughMemory(inner, plain, next) : plain;
      // Where the row is rounded behind this pass, that one brings the other half.
      Channels.Step fetch = next.quarters(part == Part.ROWS ? next.left() / 2 : next.left());
      Channels.Sink fetching = (one, j, vectors) -> {
        fetch.at(one, j, vectors.size() * vectors.get(0).lanes());
        sink.take(one, j, vectors);
      };
      if (hadamard > 1) {
        new HadamardEmitter(row, hadamard, range.workspace()).emit(inner, source, fetching);
      } else {
        row.each(inner, (one, j, n) -> {
          Expr value = one.let("value", source.of(one, j, n));
          fetching.take(one, j, List.of(value));
        });
      }
    }

    /**
     * Whether the transform comes behind the prologue of the whole row. Together they are more instructions than a processor
     * looks ahead, so that those of a block would wait for the block before it. With shorter vectors the way through
     * memory costs more than that.
     */
    private boolean isApart() {
      return prologue == Prologue.GELU && row.lanes() == GeluTable.LANES;
    }

    private Channels.Part throughMemory(Body inner, Channels.Part source, NextRow next) {
      Channels.Step fetch = next.quarters(2);
      row.each(inner, (one, j, n) -> {
        fetch.at(one, j, n);
        one.store(range.workspace(), source.of(one, j, n), j);
      });
      return (one, j, n) -> t.load(range.workspace(), j, n);
    }

    /** Brings the cache lines that the values of the next row go to, whose stores would wait for them. */
    private void fetchNextValues(Body one, Expr index, Expr channel, List<Expr> vectors) {
      int lanes = row.lanes();
      Expr next = t.add(t.add(t.mul(index, channels), channels), channel);
      for (int i = 0; i < vectors.size() * lanes / CACHE_LINE; i++) {
        one.prefetch(values, t.add(next, (long) i * CACHE_LINE));
      }
    }

    private Channels.Part prologue(Body inner, Expr index, Expr at, NextRow next) {
      Channels.Part plain = (one, j, n) -> t.load(x, t.add(at, j), n);
      return switch (prologue) {
        case NONE -> plain;
        case GELU -> (one, j, n) -> Functions.gelu(one, one.let("x", plain.of(one, j, n)));
        case NORM_MODULATE -> {
          // Its quotients take long, and have time while the row is measured.
          Expr table = inner.let("table_at", t.mul(groups.row(t, index), channels));
          NormRow norm = NormRow.measure(inner, row, x, at, epsilon, next);
          yield (one, j, n) -> NormRow.modulate(
              t,
              norm.value(t, j, n),
              t.load(shift, t.add(table, j), n),
              t.load(scale, t.add(table, j), n));
        }
      };
    }

    private Channels.Part balanced(Channels.Part source) {
      return inverse
          ? (one, j, n) -> t.rounded(t.mul(source.of(one, j, n), t.load(factors, j, n)))
          : source;
    }

    private void round(Body inner, Expr index, NextRow next, Channels.Part kept, RowGrid own) {
      Channels.Step fetch = next.quarters(next.left());
      Expr at = inner.let("to", t.mul(index, channels));
      row.each(inner, (one, j, n) -> {
        fetch.at(one, j, n);
        own.round(one, List.of(kept.of(one, j, n)), values, t.add(at, j));
      });
    }
  }
}
