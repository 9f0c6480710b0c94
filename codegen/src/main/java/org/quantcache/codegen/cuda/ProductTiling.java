package org.quantcache.codegen.cuda;

import java.util.Optional;

/**
 * How a product is cut into tiles. Of the rows of the operand it is known whether they are few. A large weight else belongs
 * to a model with many rows; a small one gets small tiles, so that there are blocks for all multiprocessors.
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

  /** What one asynchronous copy takes. */
  private static final int COPY_BYTES = 16;

  private static final int WARPGROUP_THREADS = 128;
  /** Of one instruction; two warpgroups multiply. */
  private static final int WARPGROUP_ROWS = 64;
  /** Of one instruction. All widths of the network are multiples of it. */
  private static final int WARPGROUP_COLUMNS = 192;

  private static final int WARPGROUP_TILE_BYTES = 128;
  /** Tiles of 256 rows: what comes through the cache for a product is what limits it, and larger tiles need less. */
  private static final int WARPGROUP_ROW_TILES = 2;

  private static final int WARPGROUP_STAGES = 3;
  /** Packed weights are half as much to bring, and whoever unpacks them needs the registers of a second tile. */
  private static final int PACKED_WARPGROUP_ROW_TILES = 1;

  private static final int PACKED_WARPGROUP_STAGES = 4;
  /** Where packed weights wait, as many as shared memory has room for beside the stages. */
  private static final int PACKED_WARPGROUP_SLOTS = 5;
  /** Shared memory begins at no multiple of it. */
  private static final int WARPGROUP_ALIGNMENT = 1024;

  /** Bytes of depth in a row of a tile of the operand. */
  private static final int TILE_BYTES = 64;

  /** Which values of 4 bits share bytes, and arguments of the template that say so. */
  enum Cells {
    /** None. */
    WHOLE("false"),
    /** Those of the weight. */
    PACKED("true"),
    /** Those of the weight and of the operand, which tensor cores multiply as they are where they can. */
    PAIRS("false, true");

    private final String text;

    Cells(String text) {
      this.text = text;
    }
  }

  /** A tiling for tensor cores. */
  private record Shape(int blockRows, int blockColumns, int warpRows, int warpColumns, int stages) {
    int threads() {
      return WARP * (blockRows / warpRows) * (blockColumns / warpColumns);
    }
  }

  /** What counts is how much of the weight is on its way: narrow blocks for all multiprocessors, with many stages. */
  private static final Shape FEW_SHAPE = new Shape(16, 64, 16, 32, 8);

  private static final Shape NARROW_SHAPE = new Shape(64, 32, 16, 32, 4);
  private static final Shape SMALL_SHAPE = new Shape(32, 64, 16, 32, 4);
  /**
   * Square tiles of warps: of 64 x 64 products a warp reads two thirds as many bytes as of 64 x 32, which would keep shared
   * memory busy as long as the tensor cores of sm_80 are.
   */
  private static final Shape LARGE_SHAPE = new Shape(128, 128, 64, 64, 3);
  /** The same with registers for checks of what a tile lacks. */
  private static final Shape RAGGED_SHAPE = new Shape(128, 128, 64, 32, 3);
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
   * @param cells what shares a byte
   * @param few whether there are no more rows than an instruction has
   */
  static ProductTiling tensor(
      int n, int k, int rowBytes, int groupBytes, Cells cells, boolean few) {
    Shape shape = shape(n, k, groupBytes < rowBytes, cells, few);
    if (shape.equals(LARGE_SHAPE) && !isWhole(shape, n, groupBytes)) {
      shape = RAGGED_SHAPE;
    }
    String text = "Tiling<%d, %d, %d, %d, %d, %s>"
        .formatted(
            shape.blockRows(),
            shape.blockColumns(),
            shape.warpRows(),
            shape.warpColumns(),
            shape.stages(),
            cells.text);
    int weightBytes = cells == Cells.PACKED ? TILE_BYTES / 2 : TILE_BYTES;
    int stageBytes = shape.blockRows() * TILE_BYTES + shape.blockColumns() * weightBytes;
    return new ProductTiling(
        text,
        shape.threads(),
        shape.stages() * stageBytes,
        shape.blockRows(),
        shape.blockColumns(),
        isWhole(shape, n, groupBytes) ? together(shape, cells) : 1);
  }

  /** Whether no tile lacks columns or depth. Checks take registers that then are not there for a second block. */
  private static boolean isWhole(Shape shape, int n, int groupBytes) {
    return n % shape.blockColumns() == 0 && groupBytes % TILE_BYTES == 0;
  }

  private static Shape shape(int n, int k, boolean grouped, Cells cells, boolean few) {
    if (few) {
      return FEW_SHAPE;
    }
    if (n <= NARROW) {
      return NARROW_SHAPE;
    }
    if (n <= SMALL || isSmall(n, k)) {
      return SMALL_SHAPE;
    }
    return grouped ? GROUPED_SHAPE : cells == Cells.PACKED ? PACKED_SHAPE : LARGE_SHAPE;
  }

  private static int together(Shape shape, Cells cells) {
    if (shape.equals(GROUPED_SHAPE)) {
      // With registers for two blocks, some cards have none for all sums.
      return cells == Cells.PACKED ? 2 : 1;
    }
    return shape.equals(PACKED_SHAPE) ? 3 : 2;
  }

  private static boolean isSmall(int n, int k) {
    return (long) n * k <= SMALL_WEIGHT;
  }

  /**
   * Tiles for warpgroups, where they multiply what {@link #tensor} cuts into its largest tiles, of an operand whose rows
   * copies of 16 bytes take whole. Groups of channels stay with {@code mma.sync}, for their sums need a second set of registers.
   *
   * @param n columns of the result
   * @param k columns of the operand
   * @param rowBytes bytes of a row of the operand
   * @param groupBytes bytes of a row that share a scale, rowBytes when all do
   * @param cells what shares a byte
   * @param few whether there are no more rows than an instruction has
   */
  static Optional<ProductTiling> warpgroups(
      int n, int k, int rowBytes, int groupBytes, Cells cells, boolean few) {
    int blocks = (n + WARPGROUP_COLUMNS - 1) / WARPGROUP_COLUMNS;
    boolean packed = cells != Cells.WHOLE;
    boolean pairs = cells == Cells.PAIRS;
    boolean fits = shape(n, k, groupBytes < rowBytes, cells, few)
            .equals(packed && !pairs ? PACKED_SHAPE : LARGE_SHAPE)
        && rowBytes % COPY_BYTES == 0
        && 3L * blocks * WARPGROUP_COLUMNS <= 4L * n;
    if (!fits) {
      return Optional.empty();
    }
    int rowTiles = packed ? PACKED_WARPGROUP_ROW_TILES : WARPGROUP_ROW_TILES;
    int rows = 2 * WARPGROUP_ROWS * rowTiles;
    int stageBytes = WARPGROUP_TILE_BYTES * (rows + WARPGROUP_COLUMNS);
    int stages = packed ? PACKED_WARPGROUP_STAGES : WARPGROUP_STAGES;
    int slots = packed ? PACKED_WARPGROUP_SLOTS : 0;
    int slotBytes = WARPGROUP_COLUMNS * WARPGROUP_TILE_BYTES / 2;
    int barrierBytes = 2 * Long.BYTES * (stages + slots);
    return Optional.of(new ProductTiling(
        "WarpgroupTiling<%d, %d, %d, %b>".formatted(rowTiles, stages, slots, pairs),
        3 * WARPGROUP_THREADS,
        WARPGROUP_ALIGNMENT + stages * stageBytes + slots * slotBytes + barrierBytes,
        rows,
        WARPGROUP_COLUMNS,
        1));
  }

  /** Blocks beside each other, the last one cut off. */
  int columnBlocks(int n) {
    return (n + blockColumns - 1) / blockColumns;
  }

  /** Tiles for arithmetic in f32. */
  static ProductTiling floats(int n, int k, boolean few) {
    return few || isSmall(n, k) ? floats(32, 32, 4, 4) : floats(128, 64, 8, 2);
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
