package org.quantcache.codegen.cuda;

import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.types.ScalarType;

/**
 * How a block shares the work of attention.
 *
 * @param way the function of the family
 * @param warps of a block
 * @param tiles sixteens of queries that a warp owns, on tensor cores
 * @param sharedBytes dynamic shared memory of a block
 * @param itemsPerBlock work items of a block
 * @param blocksPerItem blocks that share an item
 */
record AttentionLayout(
    String way, int warps, int tiles, int sharedBytes, int itemsPerBlock, int blocksPerItem) {
  /** Queries of a work item of attention to text. */
  static final int CHUNK = 128;

  private static final int WARP = 32;
  private static final int MAX_HEAD_DIM = 256;
  private static final int MAX_TENSOR_HEAD_DIM = 128;
  /** Up to here the sums of 32 queries fit a warp's registers. */
  private static final int MAX_TWO_TILES_HEAD_DIM = 80;

  /** The same where scores are sums of bytes, which a warp holds besides. */
  private static final int MAX_TWO_BYTE_TILES_HEAD_DIM = 72;

  private static final int UNIT = 8;
  private static final int UNIT_BYTES = 16;
  private static final int TILE = 16;
  private static final int TENSOR_KEYS = 64;
  private static final int TENSOR_WARPS = 4;
  private static final int MAX_PACKED_LENGTH = 32;

  private static final int PLAIN_ROWS = 8;
  private static final int PLAIN_KEYS = 32;
  private static final int PLAIN_WARPS = 4;

  int threads() {
    return warps * WARP;
  }

  /** The largest score is found before the scale is applied, which must not turn it into the smallest. */
  static boolean suitsTensorCores(ScalarType type, int headDim, double scale) {
    return type == ScalarType.BF16
        && headDim % UNIT == 0
        && headDim <= MAX_TENSOR_HEAD_DIM
        && scale > 0;
  }

  static AttentionLayout self(int headDim, int length, boolean halves) {
    if (!halves) {
      return plain(headDim, length);
    }
    if (length <= MAX_PACKED_LENGTH) {
      int rows = ceilDiv(length, TILE) * TILE;
      int warps = rows == TILE ? TENSOR_WARPS : TENSOR_WARPS / 2;
      return new AttentionLayout(
          "packed", warps, 1, warps * 3 * rows * rowBytes(headDim), warps * (rows / length), 1);
    }
    if (length <= TENSOR_KEYS) {
      return tiles(headDim, TENSOR_WARPS, 1, length);
    }
    return tiles(headDim, length);
  }

  /** With keys that are bytes; queries become such, and their rows results. */
  static AttentionLayout bytes(int headDim, int length, boolean halves) {
    if (!halves) {
      return plain(headDim, length);
    }
    int rows = length <= TENSOR_KEYS || headDim > MAX_TWO_BYTE_TILES_HEAD_DIM ? 1 : 2;
    int warps = length <= TENSOR_KEYS ? TENSOR_WARPS : CHUNK / (TILE * rows);
    AttentionLayout tiles = tiles(headDim, warps, rows, length);
    int units =
        ceilDiv(headDim, AttentionOps.BYTE_CHANNELS) * AttentionOps.BYTE_CHANNELS / UNIT_BYTES;
    int keyBytes = (units | 1) * UNIT_BYTES;
    int together = tiles.warps * tiles.tiles * TILE;
    int shared = together * (Math.max(keyBytes, rowBytes(headDim)) + Float.BYTES)
        + TENSOR_KEYS * (keyBytes + rowBytes(headDim));
    return new AttentionLayout("bytes", tiles.warps, tiles.tiles, shared, 1, tiles.blocksPerItem);
  }

  static AttentionLayout cross(int headDim, boolean halves) {
    return halves ? tiles(headDim, CHUNK) : plain(headDim, CHUNK);
  }

  /** Blocks of 128 queries. */
  private static AttentionLayout tiles(int headDim, int queries) {
    int tiles = headDim <= MAX_TWO_TILES_HEAD_DIM ? 2 : 1;
    return tiles(headDim, CHUNK / (TILE * tiles), tiles, queries);
  }

  /** Shared memory holds the queries of a block, and keys and values one step at a time. */
  private static AttentionLayout tiles(int headDim, int warps, int tiles, int queries) {
    int together = warps * tiles * TILE;
    return new AttentionLayout(
        "tiles",
        warps,
        tiles,
        (together + 2 * TENSOR_KEYS) * rowBytes(headDim),
        1,
        ceilDiv(queries, together));
  }

  private static AttentionLayout plain(int headDim, int queries) {
    if (headDim > MAX_HEAD_DIM) {
      throw new IllegalArgumentException(
          "heads of " + headDim + " channels, at most " + MAX_HEAD_DIM + " are possible");
    }
    int warps = Math.min(PLAIN_WARPS, ceilDiv(queries, PLAIN_ROWS));
    int together = warps * PLAIN_ROWS;
    int rowBytes = (headDim | 1) * Float.BYTES;
    return new AttentionLayout(
        "plain", warps, 1, (together + 2 * PLAIN_KEYS) * rowBytes, 1, ceilDiv(queries, together));
  }

  /** An odd number of units, so that neighbouring rows lie in different banks. */
  private static int rowBytes(int headDim) {
    return (headDim / UNIT | 1) * UNIT * ScalarType.BF16.bytes();
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }
}
