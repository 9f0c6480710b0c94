package org.quantcache.codegen.tir;

import java.util.Locale;

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
    return isDirect() ? 0 : RowTile.rows(channels) * Float.BYTES * memoryStride(target.lanes());
  }

  /** Nothing is done to x, so that it is read twice instead of being kept. */
  boolean isDirect() {
    return prologue == Prologue.NONE && !inverse && hadamard <= 1;
  }

  /** Floats from a row that is kept to the next. */
  long memoryStride(int lanes) {
    return GemmBlocking.roundUp(channels, lanes);
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    new QuantRowsEmitter(this, kernel, target.lanes()).emit();
  }
}
