package org.quantcache.kernels.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;

/**
 * Layout {@code #pair2} of a quantized weight {@code [N, K]} with cells of 4 bits: rows of {@code ceil(K / 2)} bytes, value
 * {@code 2 j} in the lower half of byte j and value {@code 2 j + 1} in the upper half, each as {@code q + 8}. What lies
 * beyond K is zero, stored as 8.
 */
public final class PairPacker {
  private static final int OFFSET = 8;

  /** A byte of two zeros. */
  static final byte ZEROS = (byte) (OFFSET << 4 | OFFSET);

  private PairPacker() {}

  /** Bytes of a row. */
  public static int rowBytes(int inputs) {
    return (inputs + 1) / 2;
  }

  /** The byte that holds value {@code index} of a row, once it does. */
  static byte with(byte pair, int index, byte value) {
    int cell = value + OFFSET;
    return (byte) (index % 2 == 0 ? pair & 0xf0 | cell : pair & 0x0f | cell << 4);
  }

  /** Writes the packed weight, row by row. */
  public static void pack(long outputs, int inputs, QuadPacker.Rows rows, WritableByteChannel out)
      throws IOException {
    byte[] values = new byte[inputs];
    byte[] pairs = new byte[rowBytes(inputs)];
    for (long row = 0; row < outputs; row++) {
      rows.read(row, values);
      Arrays.fill(pairs, ZEROS);
      for (int k = 0; k < inputs; k++) {
        pairs[k / 2] = with(pairs[k / 2], k, values[k]);
      }
      ByteBuffer bytes = ByteBuffer.wrap(pairs);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }
}
