package org.quantcache.codegen.tir;

import java.util.List;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;

/**
 * Which row of a vector table {@code [b, 1 or T, 1, C]} belongs to token row r of {@code [B, T, S, C]}:
 * {@code (r / (T S) mod b) * tableFrames + (r / S mod tableFrames)}.
 *
 * @param rowsPerSample T S
 * @param rowsPerFrame S
 * @param samples b
 * @param frames 1 or T
 */
public record RowGroups(long rowsPerSample, long rowsPerFrame, long samples, long frames) {
  /** Groups of a table against a tensor of rows. Both have constant sizes. */
  public static RowGroups of(TensorType table, TensorType rows) {
    long perFrame = rows.size(2);
    return new RowGroups(rows.size(1) * perFrame, perFrame, table.size(0), table.size(1));
  }

  /** Whether a table has one row for each sample or frame of {@code rows}. */
  public static boolean fits(TensorType table, TensorType rows) {
    return rows.rank() == 4
        && rows.isConstant()
        && table.rank() == 4
        && table.isConstant()
        && table.dim(2).equals(Dim.of(1))
        && table.dim(3).equals(rows.dim(3));
  }

  /** The four numbers in the order of a kernel's parameters. */
  public List<Long> arguments() {
    return List.of(rowsPerSample, rowsPerFrame, samples, frames);
  }

  /** The same four numbers as parameters of a kernel. */
  record Parameters(Expr rowsPerSample, Expr rowsPerFrame, Expr samples, Expr frames) {
    static Parameters declare(KernelBuilder kernel, String prefix) {
      return new Parameters(
          kernel.integer(prefix + "_rows_per_sample"),
          kernel.integer(prefix + "_rows_per_frame"),
          kernel.integer(prefix + "_samples"),
          kernel.integer(prefix + "_frames"));
    }

    Expr row(Tir t, Expr tokenRow) {
      Expr sample = t.remainder(t.quotient(tokenRow, rowsPerSample), samples);
      Expr frame = t.remainder(t.quotient(tokenRow, rowsPerFrame), frames);
      return t.add(t.mul(sample, frames), frame);
    }
  }
}
