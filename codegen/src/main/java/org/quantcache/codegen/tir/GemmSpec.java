package org.quantcache.codegen.tir;

import java.util.Locale;

/**
 * {@code C = epilogue(A W^T)} with A {@code [rows, k]}, W in column panels, C {@code [rows, n]}.
 *
 * <p>Parameters: a, w, c, [bias], [gate], [residual], [held, sums], rows, [the four numbers of {@link RowGroups} for the
 * gate], [residual rows, after which the residual repeats]; then the range. C may be the residual's memory. Work items:
 * {@link #workItems}.
 *
 * @param n columns of the result
 * @param k columns of the operand
 * @param storage how W is stored
 * @param epilogue what follows
 */
public record GemmSpec(int n, int k, WeightStorage storage, Epilogue epilogue)
    implements KernelSpec {
  /** Function between bias and gate. */
  public enum Activation {
    NONE,
    GELU,
    SILU
  }

  @Override
  public String functionName() {
    return "gemm_" + storage.name().toLowerCase(Locale.ROOT) + "_k" + k + "_n" + n
        + epilogue.nameParts();
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    new GemmEmitter(this, target, kernel).emit();
  }

  @Override
  public long workspaceBytes(CpuTarget target) {
    return 4L * GemmBlocking.of(this, target).workspaceFloats();
  }

  /** Blocks of rows times blocks of columns. */
  public long workItems(long rows, CpuTarget target) {
    GemmBlocking blocking = GemmBlocking.of(this, target);
    return blocking.rowBlocks(rows) * blocking.columnBlocks();
  }
}
