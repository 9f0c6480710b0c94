package org.quantcache.kernels.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/**
 * Layout {@code #tile64} of a weight {@code [N, K]}: {@code [ceil(N / 64)][ceil(K / depth)][64][depth]}, what lies beyond N
 * or K zero. A row of a tile is 128 bytes of floats or of signed bytes, or 64 bytes of cells of 4 bits, so that kernels on a
 * card copy a tile to shared memory in one piece. One panel of 64 outputs at a time is in memory.
 *
 * <p>Of each 16 outputs, rows of a tile have them in the order {@link #row} in which a lane of the tensor cores' result
 * gets four neighbours. In rows of 128 bytes, the 16 bytes number c of row r lie at {@code c ^ r % 8}, as products of
 * warpgroups read them. Cells of 4 bits, which kernels take apart before they multiply, lie straight, as in {@code #pair2}.
 */
public final class TilePacker {
  /** Outputs of a tile. */
  public static final int ROWS = Layout.TILE.width();

  private static final int ROW_BYTES = 128;
  private static final int COPY_BYTES = 16;
  private static final int SWIZZLED_ROWS = 8;
  private static final int HALF_OF_BYTE = 4;

  private TilePacker() {}

  /** Whether products on a card read a weight in tiles: a group of channels with a scale of its own begins within one. */
  public static boolean isFor(TensorType weight) {
    return !(weight.element() instanceof QuantType quantized)
        || quantized.groupSize() == 0
        || quantized.groupSize() == weight.size(1);
  }

  /** Values of a row of a tile, of so many bits each. */
  public static int depth(int bits) {
    return ROW_BYTES * Byte.SIZE / Math.max(bits, Byte.SIZE);
  }

  /** Tiles above each other. */
  public static long panels(long outputs) {
    return (outputs + ROWS - 1) / ROWS;
  }

  /** Tiles beside each other. */
  public static long steps(long inputs, int bits) {
    return (inputs + depth(bits) - 1) / depth(bits);
  }

  /** Bytes of a packed weight with values of so many bits, padding included. */
  public static long bytes(long outputs, long inputs, int bits) {
    return Math.multiplyExact(panels(outputs), steps(inputs, bits) * tileBytes(bits));
  }

  private static int tileBytes(int bits) {
    return ROWS * depth(bits) * bits / Byte.SIZE;
  }

  /** Writes floats as elements of a kind. */
  public static void pack(
      long outputs, int inputs, ScalarType element, PanelPacker.Rows rows, WritableByteChannel out)
      throws IOException {
    int bits = element.bytes() * Byte.SIZE;
    float[] values = new float[inputs];
    panels(outputs, inputs, bits, (byte) 0, out, (panel, row, output) -> {
      rows.read(output, values);
      for (int k = 0; k < inputs; k++) {
        PanelPacker.put(panel, place(row, k, bits), element, values[k]);
      }
    });
  }

  /** Writes quantized values in cells of 4 or 8 bits. */
  public static void pack(
      long outputs, int inputs, int cellBits, QuadPacker.Rows rows, WritableByteChannel out)
      throws IOException {
    boolean halves = cellBits == HALF_OF_BYTE;
    byte[] values = new byte[inputs];
    byte zero = halves ? PairPacker.ZEROS : 0;
    panels(outputs, inputs, cellBits, zero, out, (panel, row, output) -> {
      rows.read(output, values);
      for (int k = 0; k < inputs; k++) {
        int at = place(row, k, cellBits);
        panel.put(at, halves ? PairPacker.with(panel.get(at), k, values[k]) : values[k]);
      }
    });
  }

  /** Puts an output into its row of a panel. */
  @FunctionalInterface
  private interface Fill {
    void accept(ByteBuffer panel, int row, long output) throws IOException;
  }

  private static void panels(
      long outputs, int inputs, int bits, byte zero, WritableByteChannel out, Fill fill)
      throws IOException {
    int bytes = Math.toIntExact(bytes(ROWS, inputs, bits));
    byte[] zeros = new byte[bytes];
    Arrays.fill(zeros, zero);
    ByteBuffer panel = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (long first = 0; first < outputs; first += ROWS) {
      panel.clear().put(zeros).clear();
      for (int i = 0; i < ROWS && first + i < outputs; i++) {
        fill.accept(panel, row(i), first + i);
      }
      while (panel.hasRemaining()) {
        out.write(panel);
      }
    }
  }

  /** The row of a tile that holds its output {@code output}. A lane has rows 2t, 2t + 1, 2t + 8 and 2t + 9 of sixteen. */
  static int row(int output) {
    return output & ~15 | (output & 2) << 2 | (output & 12) >> 1 | output & 1;
  }

  /** The byte of a panel where input {@code input} of a row lies. */
  private static int place(int row, int input, int bits) {
    int depth = depth(bits);
    int tile = input / depth * tileBytes(bits);
    int inRow = input % depth * bits / Byte.SIZE;
    if (bits == HALF_OF_BYTE) {
      return tile + row * ROW_BYTES / 2 + inRow;
    }
    int turned = row % SWIZZLED_ROWS * COPY_BYTES;
    return tile + row * ROW_BYTES + (inRow ^ turned);
  }
}
