package org.quantcache.kernels.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.HalfFloats;

/**
 * Layout {@code #panel<width>} of a weight {@code [N, K]}: panels of {@code width} outputs,
 * {@code [ceil(N / width)][K][width]}, outputs beyond N zero. One panel at a time is in memory.
 */
public final class PanelPacker {
  /** Gives elements of one row. */
  @FunctionalInterface
  public interface Rows {
    /** Reads all K elements of output row {@code row}. */
    void read(long row, float[] into);
  }

  private PanelPacker() {}

  /** Elements of a packed weight, padding included. */
  public static long elements(long outputs, long inputs, int width) {
    return Math.multiplyExact(Math.multiplyExact((outputs + width - 1) / width, inputs), width);
  }

  /** Writes the packed weight in the given element kind. */
  public static void pack(
      long outputs, int inputs, int width, ScalarType element, Rows rows, WritableByteChannel out)
      throws IOException {
    float[] row = new float[inputs];
    ByteBuffer panel = ByteBuffer.allocateDirect(
            Math.multiplyExact(inputs * width, element.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
    for (long first = 0; first < outputs; first += width) {
      panel.clear();
      for (int j = 0; j < width; j++) {
        boolean inside = first + j < outputs;
        if (inside) {
          rows.read(first + j, row);
        }
        for (int k = 0; k < inputs; k++) {
          put(panel, (k * width + j) * element.bytes(), element, inside ? row[k] : 0);
        }
      }
      panel.position(0).limit(panel.capacity());
      while (panel.hasRemaining()) {
        out.write(panel);
      }
    }
  }

  /** Position of element (output, input) in the packed weight. */
  public static long index(long output, long input, long inputs, int width) {
    return ((output / width) * inputs + input) * width + output % width;
  }

  /** Puts a number at a byte of a panel. */
  static void put(ByteBuffer panel, int at, ScalarType element, float value) {
    switch (element) {
      case F32 -> panel.putFloat(at, value);
      case F16 -> panel.putShort(at, HalfFloats.toHalf(value));
      case BF16 -> panel.putShort(at, HalfFloats.toBfloat16(value));
      default ->
        throw new IllegalArgumentException(
            "weights are packed as f32, f16 or bf16, not " + element.text());
    }
  }
}
