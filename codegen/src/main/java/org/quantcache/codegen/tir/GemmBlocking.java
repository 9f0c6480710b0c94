package org.quantcache.codegen.tir;

/**
 * Sizes of the blocks of a matrix product. A block of W of {@code depth x columns} stays in the second-level cache
 * while the rows pass by; a tile of {@code tileRows x panel} stays in registers.
 *
 * @param tileRows rows of the register tile
 * @param panel columns of the register tile and of one panel of W
 * @param depth columns of A in one pass
 * @param passes passes over the depth
 * @param columns columns of one block of W, whole panels; all of them when a probe adds up rows
 * @param columnBlocks blocks of columns
 * @param chunkBlocks row blocks whose partial sums are kept between passes
 * @param converts whether W is converted into the workspace
 */
record GemmBlocking(
    int tileRows,
    int panel,
    int depth,
    int passes,
    int columns,
    int columnBlocks,
    int chunkBlocks,
    boolean converts) {
  private static final int MAX_DEPTH = 384;
  private static final int MAX_COLUMNS = 288;
  private static final int CHUNK_ROWS = 96;

  /** More rows pay for each conversion of a block of W. */
  private static final int CONVERTED_CHUNK_ROWS = 384;

  static GemmBlocking of(GemmSpec spec, CpuTarget target) {
    int panel = target.panelWidth();
    int passes = ceilDiv(spec.k(), MAX_DEPTH);
    int depth = roundUp(ceilDiv(spec.k(), passes), target.lanes());
    int panels = ceilDiv(spec.n(), panel);
    int most = Math.max(1, MAX_COLUMNS / panel);
    int columns = (spec.epilogue().isProbed() ? panels : panelsPerBlock(panels, most)) * panel;
    boolean converts = spec.storage() != WeightStorage.F32;
    int chunkRows = converts ? CONVERTED_CHUNK_ROWS : CHUNK_ROWS;
    return new GemmBlocking(
        target.tileRows(),
        panel,
        depth,
        ceilDiv(spec.k(), depth),
        columns,
        ceilDiv(panels * panel, columns),
        Math.max(1, chunkRows / target.tileRows()),
        converts);
  }

  /** Blocks of one size share the work evenly; where no good size divides the panels, the last block is smaller. */
  static int panelsPerBlock(int panels, int most) {
    for (int size = Math.min(most, panels); 2 * size > most; size--) {
      if (panels % size == 0) {
        return size;
      }
    }
    return ceilDiv(panels, ceilDiv(panels, most));
  }

  long rowBlocks(long rows) {
    return (rows + tileRows - 1) / tileRows;
  }

  int panelsPerBlock() {
    return columns / panel;
  }

  /** Offset of the partial sums, in floats. */
  int sumsOffset() {
    return roundUp(tileRows * depth, 16);
  }

  /** Offset of the converted block of W, in floats. */
  int weightsOffset() {
    return sumsOffset() + chunkBlocks * tileRows * columns;
  }

  long workspaceFloats() {
    return weightsOffset() + (converts ? (long) depth * columns : 0);
  }

  static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  static int roundUp(int a, int b) {
    return ceilDiv(a, b) * b;
  }
}
