package org.quantcache.codegen.cuda;

import org.quantcache.ir.types.ScalarType;

/**
 * How the threads of a block hold rows in registers; {@code rows.cuh} says where each channel lies.
 *
 * @param channels of a row
 * @param width neighbours that a thread reads at once; above 1, rows are units of 128 channels, 16 in each thread
 * @param threads of a row
 * @param rows of a block
 */
record RowLayout(int channels, int width, int threads, int rows) {
  private static final int UNIT = 128;
  private static final int PER_THREAD = 16;
  private static final int WARP = 32;
  private static final int MOST_THREADS = 1024;
  /** How many more rows a block may get so that fewer of its threads idle. */
  private static final int MORE_ROWS = 3;

  /**
   * The layout of rows of {@code channels}.
   *
   * @param x kind of the elements that are read
   * @param wanted threads of a block, about
   */
  static RowLayout of(int channels, ScalarType x, int wanted) {
    boolean wide = channels % UNIT == 0 && channels <= PER_THREAD * MOST_THREADS;
    int threads = wide
        ? channels / PER_THREAD
        : Math.min(MOST_THREADS, roundUp((channels + PER_THREAD - 1) / PER_THREAD, WARP));
    int width = wide ? DeviceTypes.packed(x) : 1;
    int fewest = Math.max(1, wanted / threads);
    RowLayout best = new RowLayout(channels, width, threads, fewest);
    for (int rows = fewest + 1; rows <= fewest + MORE_ROWS; rows++) {
      RowLayout other = new RowLayout(channels, width, threads, rows);
      if (other.blockThreads() <= MOST_THREADS && other.idleShare() < best.idleShare()) {
        best = other;
      }
    }
    return best;
  }

  private static int roundUp(int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
  }

  /** Threads of a block: whole warps. */
  int blockThreads() {
    return roundUp(threads * rows, WARP);
  }

  private double idleShare() {
    return 1 - (double) threads * rows / blockThreads();
  }

  /**
   * Dynamic shared memory, in bytes, that a Hadamard transform needs: none while the threads of a block of channels are
   * in one warp.
   */
  int hadamardBytes(int block) {
    if (block <= 1 || (width > 1 && block <= PER_THREAD * WARP)) {
      return 0;
    }
    return Float.BYTES * (width > 1 ? PER_THREAD * blockThreads() : channels * rows);
  }

  /** Arguments of the template. */
  String text() {
    return channels + ", " + width + ", " + threads + ", " + rows;
  }
}
