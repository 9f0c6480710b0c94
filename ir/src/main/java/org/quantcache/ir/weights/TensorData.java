package org.quantcache.ir.weights;

import java.nio.ByteBuffer;

/** Read access to the elements of one stored tensor, of any size, without a copy on the heap. Thread-safe. */
public interface TensorData {
  TensorInfo info();

  /** Little-endian view of a part of at most 1 GiB. */
  ByteBuffer bytes(long offset, int length);

  /** Elements {@code first..first+count} as floats; any element kind converts. */
  default void readFloats(long first, float[] into, int count) {
    StoredType type = info().type();
    ByteBuffer source =
        bytes(Math.multiplyExact(first, type.bytes()), Math.multiplyExact(count, type.bytes()));
    switch (type) {
      case F32 -> source.asFloatBuffer().get(into, 0, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          into[i] = HalfFloats.fromHalf(source.getShort(2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          into[i] = HalfFloats.fromBfloat16(source.getShort(2 * i));
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          into[i] = (float) source.getDouble(8 * i);
        }
      }
      case I64, I32, I16, I8, U8, BOOL -> {
        for (int i = 0; i < count; i++) {
          into[i] = whole(source, type, i);
        }
      }
    }
  }

  /** Elements {@code first..first+count} as whole numbers. @throws IllegalStateException for float kinds */
  default void readLongs(long first, long[] into, int count) {
    StoredType type = info().type();
    ByteBuffer source =
        bytes(Math.multiplyExact(first, type.bytes()), Math.multiplyExact(count, type.bytes()));
    for (int i = 0; i < count; i++) {
      into[i] = whole(source, type, i);
    }
  }

  private static long whole(ByteBuffer source, StoredType type, int index) {
    return switch (type) {
      case I64 -> source.getLong(8 * index);
      case I32 -> source.getInt(4 * index);
      case I16 -> source.getShort(2 * index);
      case I8 -> source.get(index);
      case U8, BOOL -> source.get(index) & 0xff;
      case F64, F32, F16, BF16 ->
        throw new IllegalStateException(type + " is no whole number kind");
    };
  }
}
