package org.quantcache.kernels.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Layout {@code #quad<width>} of a quantized weight {@code [N, K]}: panels of {@code width} outputs,
 * {@code [ceil(N / width)][ceil(K / 4)][width][4]}, what lies beyond N or K zero. One panel at a time is in memory.
 *
 * <p>A cell of 8 bits is one signed byte. Two values of 4 bits share a byte as {@code q + 8}: of the {@code 4 * width}
 * values of a panel's row, value i is the lower half of byte i and value {@code i + 2 * width} the upper half, so that a
 * mask gives the first half of the row and a shift the second, both in order.
 */
public final class QuadPacker {
  /** Neighbours on the depth axis that lie together. */
  public static final int QUAD = 4;

  private static final int OFFSET = 8;

  /** Gives values of one row. */
  @FunctionalInterface
  public interface Rows {
    /** Reads all K values of output row {@code row}. */
    void read(long row, byte[] into);
  }

  private QuadPacker() {}

  /** Quads of a row, the last one padded. */
  public static long quads(long inputs) {
    return (inputs + QUAD - 1) / QUAD;
  }

  /** Bytes of a packed weight, padding included. */
  public static long bytes(long outputs, long inputs, int width, int cellBits) {
    long panels = (outputs + width - 1) / width;
    return Math.multiplyExact(panels, quads(inputs) * rowBytes(width, cellBits));
  }

  /** Bytes of one quad of all outputs of a panel. */
  public static int rowBytes(int width, int cellBits) {
    return width * QUAD * cellBits / 8;
  }

  /** Writes the packed weight with cells of 4 or 8 bits. */
  public static void pack(
      long outputs, int inputs, int width, int cellBits, Rows rows, WritableByteChannel out)
      throws IOException {
    if (cellBits != 4 && cellBits != 8) {
      throw new IllegalArgumentException("cells have 4 or 8 bits, found " + cellBits);
    }
    byte[] row = new byte[inputs];
    int quads = Math.toIntExact(quads(inputs));
    int rowBytes = rowBytes(width, cellBits);
    byte[] panel = new byte[Math.multiplyExact(quads, rowBytes)];
    for (long first = 0; first < outputs; first += width) {
      // In cells of 4 bits a zero is stored as 8.
      java.util.Arrays.fill(panel, (byte) (cellBits == 4 ? OFFSET << 4 | OFFSET : 0));
      for (int j = 0; j < width && first + j < outputs; j++) {
        rows.read(first + j, row);
        for (int k = 0; k < inputs; k++) {
          put(panel, k / QUAD * rowBytes, j * QUAD + k % QUAD, row[k], width, cellBits);
        }
      }
      ByteBuffer bytes = ByteBuffer.wrap(panel);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  private static void put(byte[] panel, int from, int index, byte value, int width, int cellBits) {
    if (cellBits == 8) {
      panel[from + index] = value;
      return;
    }
    int half = QUAD / 2 * width;
    int at = from + index % half;
    int cell = value + OFFSET;
    panel[at] = (byte) (index < half ? panel[at] & 0xf0 | cell : panel[at] & 0x0f | cell << 4);
  }

  /** The value of element (output, input) of a packed weight. */
  public static int value(
      ByteBuffer packed, long output, long input, long inputs, int width, int cellBits) {
    long row = (output / width) * quads(inputs) + input / QUAD;
    int index = (int) (output % width * QUAD + input % QUAD);
    int from = Math.toIntExact(row * rowBytes(width, cellBits));
    if (cellBits == 8) {
      return packed.get(from + index);
    }
    int half = QUAD / 2 * width;
    int both = packed.get(from + index % half) & 0xff;
    return (index < half ? both & 15 : both >> 4) - OFFSET;
  }
}
