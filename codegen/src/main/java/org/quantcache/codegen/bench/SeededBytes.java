package org.quantcache.codegen.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.kernels.cuda.DeviceMemory;

/** Numbers as a network has them: how fast a card multiplies depends on them. */
final class SeededBytes {
  private static final int CHUNK_BYTES = 1 << 22;

  private SeededBytes() {}

  /** Fills memory with numbers of a kind; they repeat after some millions. */
  static void fill(DeviceMemory memory, ScalarType type) {
    ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, memory.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    while (chunk.remaining() >= type.bytes()) {
      switch (type) {
        case F32 -> chunk.putFloat((float) random.nextGaussian());
        case BF16 -> chunk.putShort(HalfFloats.toBfloat16((float) random.nextGaussian()));
        case I32 -> chunk.putInt(random.nextInt(1 << Byte.SIZE));
        default -> chunk.put((byte) random.nextInt());
      }
    }
    for (long at = 0; at < memory.bytes(); at += chunk.capacity()) {
      long left = Math.min(chunk.capacity(), memory.bytes() - at);
      memory.upload(at, chunk.rewind().limit((int) left));
    }
  }
}
