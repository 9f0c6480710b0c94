package org.quantcache.codegen.tir;

/**
 * Sizes of the blocks of a product of bytes. A block of W, all of its depth, stays in the second-level cache while the
 * rows pass by; so much of the depth is gone through at once that the rows of a tile stay in the first.
 *
 * @param tileRows rows of the register tile
 * @param panel columns of the register tile and of one panel of W
 * @param depth words of a row, see {@link ByteProduct}
 * @param passes equal parts of the depth
 * @param columns columns of one block of W, whole panels; all of them when a probe adds up rows
 * @param columnBlocks blocks of columns
 * @param converts whether W is spread into the workspace
 * @param groups scales of one column
 */
record IntegerBlocking(
    int tileRows,
    int panel,
    int depth,
    int passes,
    int columns,
    int columnBlocks,
    boolean converts,
    int groups) {
  private static final int BLOCK_BYTES = 768 << 10;

  /** A quarter of the first-level cache: the weights that pass by must not push the rows out between two panels. */
  private static final int TILE_BYTES = 8 << 10;

  private static final int MAX_COLUMNS = 288;

  static IntegerBlocking of(IntegerGemmSpec spec, CpuTarget target) {
    ByteProduct product = ByteProduct.of(spec, target);
    int panel = target.panelWidth();
    int depth = spec.quads() * product.words();
    int panels = GemmBlocking.ceilDiv(spec.n(), panel);
    int most = Math.max(1, Math.min(MAX_COLUMNS, BLOCK_BYTES / (4 * depth)) / panel);
    boolean wholeRows = spec.epilogue().isProbed();
    int columns = (wholeRows ? panels : GemmBlocking.panelsPerBlock(panels, most)) * panel;
    return new IntegerBlocking(
        target.tileRows(),
        panel,
        depth,
        passes(spec, GemmBlocking.ceilDiv(4 * depth * target.tileRows(), TILE_BYTES)),
        columns,
        GemmBlocking.ceilDiv(panels * panel, columns),
        spec.cellBits() == 4 || product.words() > 1,
        spec.groups());
  }

  /** Passes are alike; where no number of them near the least divides the depth, or groups do, there is one. */
  private static int passes(IntegerGemmSpec spec, int least) {
    for (int passes = least; passes < 2 * least && spec.groups() == 1; passes++) {
      if (spec.quads() % passes == 0) {
        return passes;
      }
    }
    return 1;
  }

  /** Words of a row in one pass. */
  int passDepth() {
    return depth / passes;
  }

  long rowBlocks(long rows) {
    return (rows + tileRows - 1) / tileRows;
  }

  int panelsPerBlock() {
    return columns / panel;
  }

  /** Offset of the sums, of a tile or between passes of all tiles of a block of rows, in words. */
  int sumsOffset() {
    return GemmBlocking.roundUp(tileRows * passDepth(), 16);
  }

  /** Offset of the spread block of W, in words. */
  int weightsOffset() {
    return sumsOffset() + tileRows * (passes == 1 ? panel : columns);
  }

  /** Offset of the scales of groups {@code [panels][groups][panel]}, in words. */
  int scalesOffset() {
    return weightsOffset() + (converts ? depth * columns : 0);
  }

  /** Offset of the offsets of columns with groups, {@code [panels][panel]}, in words. */
  int offsetsOffset() {
    return scalesOffset() + (groups > 1 ? groups * columns : 0);
  }

  long workspaceWords() {
    return offsetsOffset() + (groups > 1 ? (long) columns : 0);
  }
}
