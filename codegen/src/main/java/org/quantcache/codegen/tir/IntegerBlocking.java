package org.quantcache.codegen.tir;

/**
 * Sizes of the blocks of a product of bytes. A block of W, all of its depth, stays in the second-level cache while the
 * rows pass by: bytes are so small that the depth need not be cut.
 *
 * @param tileRows rows of the register tile
 * @param panel columns of the register tile and of one panel of W
 * @param depth words of a row, see {@link ByteProduct}
 * @param columns columns of one block of W, whole panels
 * @param columnBlocks blocks of columns
 * @param converts whether W is spread into the workspace
 * @param groups scales of one column
 */
record IntegerBlocking(
    int tileRows,
    int panel,
    int depth,
    int columns,
    int columnBlocks,
    boolean converts,
    int groups) {
  private static final int BLOCK_BYTES = 384 << 10;
  private static final int MAX_COLUMNS = 288;

  /** With 16 registers there must be room for a product between multiplication and addition. */
  private static final int AVX2_ROWS = 5;

  static IntegerBlocking of(IntegerGemmSpec spec, CpuTarget target) {
    ByteProduct product = ByteProduct.of(spec, target);
    int panel = target.panelWidth();
    int depth = spec.quads() * product.words();
    int panels = GemmBlocking.ceilDiv(spec.n(), panel);
    int most = Math.max(1, Math.min(MAX_COLUMNS, BLOCK_BYTES / (4 * depth)) / panel);
    int columns = GemmBlocking.panelsPerBlock(panels, most) * panel;
    boolean narrow = target.lanes() == 8 && target.dot() == CpuTarget.Dot.PAIRS;
    return new IntegerBlocking(
        narrow ? AVX2_ROWS : target.tileRows(),
        panel,
        depth,
        columns,
        GemmBlocking.ceilDiv(panels * panel, columns),
        spec.cellBits() == 4 || product.words() > 1,
        spec.groups());
  }

  long rowBlocks(long rows) {
    return (rows + tileRows - 1) / tileRows;
  }

  int panelsPerBlock() {
    return columns / panel;
  }

  /** Offset of the sums of a tile, in words. */
  int sumsOffset() {
    return GemmBlocking.roundUp(tileRows * depth, 16);
  }

  /** Offset of the spread block of W, in words. */
  int weightsOffset() {
    return sumsOffset() + tileRows * panel;
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
