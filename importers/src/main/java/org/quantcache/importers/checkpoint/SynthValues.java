package org.quantcache.importers.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorInfo;

/**
 * The numbers of a synthetic checkpoint. Element {@code i} of a tensor is drawn from the SplitMix64 output at counter
 * {@code hash(seed, name) + i}, uniform with the spread that keeps activations near 1: weights have standard deviation
 * {@code 0.7 / sqrt(fan-in)}, norm weights lie in 0.9..1.1, tables and biases in -0.1..0.1, the null text in -1..1.
 * {@code rope.freqs} holds the frequencies that the original computes.
 */
final class SynthValues {
  private static final int CHUNK_ELEMENTS = 1 << 18;

  private final int headDim;
  private final long seed;
  private final ByteBuffer chunk;

  SynthValues(int headDim, StoredType type, long seed) {
    this.headDim = headDim;
    this.seed = seed;
    this.chunk =
        ByteBuffer.allocateDirect(CHUNK_ELEMENTS * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Streams a tensor in chunks. @param written told of the bytes of each chunk after it was written */
  void write(TensorInfo tensor, WritableByteChannel out, IntConsumer written) throws IOException {
    boolean frequencies = tensor.name().equals(CheckpointLayout.ROPE_FREQUENCIES);
    long start = counter(tensor.name());
    double mean = tensor.name().endsWith("_norm.weight") ? 1 : 0;
    double width = width(tensor);
    for (long first = 0; first < tensor.elements(); first += CHUNK_ELEMENTS) {
      long end = Math.min(first + CHUNK_ELEMENTS, tensor.elements());
      chunk.clear();
      for (long i = first; i < end; i++) {
        put(
            tensor.type(),
            frequencies ? Math.pow(10000, -2.0 * i / headDim) : mean + width * uniform(start + i));
      }
      int bytes = chunk.flip().remaining();
      out.write(chunk);
      written.accept(bytes);
    }
  }

  private static double width(TensorInfo tensor) {
    String name = tensor.name();
    if (name.endsWith("_norm.weight")
        || name.endsWith(".bias")
        || name.endsWith("scale_shift_table")) {
      return 0.2;
    }
    if (name.equals(CheckpointLayout.NULL_TEXT)) {
      return 2;
    }
    long fanIn = tensor.elements() / tensor.shape().get(0);
    // A uniform variable of width w has standard deviation w / sqrt(12).
    return 0.7 * Math.sqrt(12.0 / fanIn);
  }

  private void put(StoredType type, double value) {
    switch (type) {
      case F16 -> chunk.putShort(HalfFloats.toHalf((float) value));
      case BF16 -> chunk.putShort(HalfFloats.toBfloat16((float) value));
      default -> chunk.putFloat((float) value);
    }
  }

  private long counter(String name) {
    long hash = mix(seed);
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = mix(hash ^ (b & 0xff));
    }
    return hash;
  }

  /** In -0.5..0.5. */
  private static double uniform(long counter) {
    return (mix(counter) >>> 11) * 0x1p-53 - 0.5;
  }

  private static long mix(long counter) {
    long z = counter * 0x9e3779b97f4a7c15L + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
