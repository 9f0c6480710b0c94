package org.quantcache.codegen.cuda;

/**
 * How a product is cut into tiles. The rows of the operand are not known here, but a large weight belongs to a model with
 * many rows; a small one gets small tiles, so that there are blocks for all multiprocessors.
 *
 * @param text the tiling as an argument of the template
 * @param threads of a block
 * @param sharedBytes dynamic shared memory of a block, in bytes
 * @param blockRows rows of a block
 * @param blockColumns columns of a block
 * @param together blocks of a multiprocessor whose registers must fit at once
 */
record ProductTiling(
    String text, int threads, int sharedBytes, int blockRows, int blockColumns, int together) {
  /** Weights of at most so many elements get small tiles. */
  private static final int SMALL_WEIGHT = 1 << 18;

  private static final int NARROW = 32;
  private static final int SMALL = 64;
  private static final int WARP = 32;

  /** Bytes of depth in a row of a tile of the operand. */
  private static final int TILE_BYTES = 64;

  /** A tiling for tensor cores. */
  private record Shape(int blockRows, int blockColumns, int warpRows, int warpColumns, int stages) {
    int threads() {
      return WARP * (blockRows / warpRows) * (blockColumns / warpColumns);
    }
  }

  private static final Shape NARROW_SHAPE = new Shape(64, 32, 16, 32, 4);
  private static final Shape SMALL_SHAPE = new Shape(32, 64, 16, 32, 4);
  private static final Shape LARGE_SHAPE = new Shape(128, 128, 64, 32, 3);
  /** Unpacking takes registers. */
  private static final Shape PACKED_SHAPE = new Shape(128, 64, 64, 32, 3);
  /** A second set of sums takes registers. */
  private static final Shape GROUPED_SHAPE = new Shape(128, 64, 32, 32, 3);

  /**
   * Tiles for tensor cores.
   *
   * @param n columns of the result
   * @param k columns of the operand
   * @param rowBytes bytes of a row of the operand
   * @param groupBytes bytes of a row that share a scale, rowBytes when all do
   * @param packed whether two values of the weight share a byte
   */
  static ProductTiling tensor(int n, int k, int rowBytes, int groupBytes, boolean packed) {
    Shape shape = shape(n, k, groupBytes < rowBytes, packed);
    String text = "Tiling<%d, %d, %d, %d, %d, %s>"
        .formatted(
            shape.blockRows(),
            shape.blockColumns(),
            shape.warpRows(),
            shape.warpColumns(),
            shape.stages(),
            packed);
    int weightBytes = packed ? TILE_BYTES / 2 : TILE_BYTES;
    int stageBytes = shape.blockRows() * TILE_BYTES + shape.blockColumns() * weightBytes;
    // Checks of what a tile lacks take registers that then are not there for a second block.
    boolean whole = n % shape.blockColumns() == 0 && groupBytes % TILE_BYTES == 0;
    return new ProductTiling(
        text,
        shape.threads(),
        shape.stages() * stageBytes,
        shape.blockRows(),
        shape.blockColumns(),
        whole ? together(shape) : 1);
  }

  private static Shape shape(int n, int k, boolean grouped, boolean packed) {
    if (n <= NARROW) {
      return NARROW_SHAPE;
    }
    if (n <= SMALL || isSmall(n, k)) {
      return SMALL_SHAPE;
    }
    return grouped ? GROUPED_SHAPE : packed ? PACKED_SHAPE : LARGE_SHAPE;
  }

  private static int together(Shape shape) {
    return shape.equals(PACKED_SHAPE) ? 3 : 2;
  }

  private static boolean isSmall(int n, int k) {
    return (long) n * k <= SMALL_WEIGHT;
  }

  /** Tiles for arithmetic in f32. */
  static ProductTiling floats(int n, int k) {
    return isSmall(n, k) ? floats(32, 32, 4, 4) : floats(128, 64, 8, 2);
  }

  private static ProductTiling floats(
      int blockRows, int blockColumns, int threadRows, int together) {
    int depth = 16;
    int padding = 4;
    int columnsOfThread = 4;
    int stages = 2;
    return new ProductTiling(
        "FloatTiling<%d, %d, %d>".formatted(blockRows, blockColumns, threadRows),
        blockRows / threadRows * (blockColumns / columnsOfThread),
        stages * Float.BYTES * depth * (blockRows + padding + blockColumns + padding),
        blockRows,
        blockColumns,
        together);
  }
}
