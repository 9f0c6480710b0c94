package org.quantcache.codegen.tir;

/**
 * {@code C = epilogue(scale[n] * (step[r] * (V W^T) + least[r] * sum[n]))} with V unsigned bytes {@code [rows, k]}, W
 * signed values in quads, the product exact in i32, C f32 {@code [rows, n]}.
 *
 * <p>Parameters: values, range, w, scale, sum, c, [bias], [gate], [residual], [held, sums], rows, range stride (2 when each row has
 * its own step and least, 0 when all share one pair), [the four numbers of {@link RowGroups} for the gate], [residual
 * rows, after which the residual repeats]; then the range of work items. C may be the residual's memory. Work items:
 * {@link #workItems}.
 *
 * @param n columns of the result
 * @param k columns of the operand
 * @param activationBits bits that the values of V use at most
 * @param activationCellBits 8, or 4 where two values of V share a byte, as two of W do; the cpu has no such product
 * @param weightBits bits of the values of W
 * @param cellBits 4 or 8, bits that a value of W takes in memory
 * @param group channels that share a scale and a sum, k when a whole row does; else {@code scale} and {@code sum} are
 *     {@code [n, k / group]}
 * @param epilogue what follows
 */
public record IntegerGemmSpec(
    int n,
    int k,
    int activationBits,
    int activationCellBits,
    int weightBits,
    int cellBits,
    int group,
    Epilogue epilogue)
    implements KernelSpec {
  /** With an activation in each byte. */
  public IntegerGemmSpec(
      int n,
      int k,
      int activationBits,
      int weightBits,
      int cellBits,
      int group,
      Epilogue epilogue) {
    this(n, k, activationBits, Byte.SIZE, weightBits, cellBits, group, epilogue);
  }

  /** With one scale for each output. */
  public IntegerGemmSpec(
      int n, int k, int activationBits, int weightBits, int cellBits, Epilogue epilogue) {
    this(n, k, activationBits, weightBits, cellBits, k, epilogue);
  }

  /** Quads of a row, the last one padded. */
  int quads() {
    return GemmBlocking.ceilDiv(k, 4);
  }

  int groups() {
    return k / group;
  }

  @Override
  public String functionName() {
    return "gemm_a" + activationBits
        + (activationCellBits == Byte.SIZE ? "" : "_cell" + activationCellBits) + "_w" + weightBits
        + "_cell" + cellBits + "_k" + k + "_n" + n
        + (groups() == 1 ? "" : "_group" + group)
        + epilogue.nameParts();
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    new IntegerGemmEmitter(this, target, kernel).emit();
  }

  @Override
  public long workspaceBytes(CpuTarget target) {
    return 4L * IntegerBlocking.of(this, target).workspaceWords();
  }

  /** Rows of a block of work. */
  public int tileRows(CpuTarget target) {
    return IntegerBlocking.of(this, target).tileRows();
  }

  /** Blocks of rows times blocks of columns. */
  public long workItems(long rows, CpuTarget target) {
    IntegerBlocking blocking = IntegerBlocking.of(this, target);
    return blocking.rowBlocks(rows) * blocking.columnBlocks();
  }
}
