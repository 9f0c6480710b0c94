package org.quantcache.kernels.tensor;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.HalfFloats;

/**
 * A dense row-major tensor in heap or direct memory below 2 GiB: inputs, outputs and what the reference device works
 * on. Elements are little-endian in {@link #data}; {@code i1} is one byte, 0 or 1.
 *
 * @param element element kind
 * @param sizes of the axes
 * @param data exactly the elements
 */
public record Tensor(ScalarType element, List<Long> sizes, ByteBuffer data) {
  public Tensor {
    sizes = ImmutableList.copyOf(sizes);
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (data.capacity() != elements(sizes) * element.bytes()) {
      throw new IllegalArgumentException(
          data.capacity() + " bytes do not hold " + element.text() + sizes);
    }
  }

  /** A tensor of zeros. */
  public static Tensor zeros(ScalarType element, List<Long> sizes) {
    long bytes = Math.multiplyExact(elements(sizes), element.bytes());
    return new Tensor(
        element, sizes, ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** An f32 tensor of given elements. */
  public static Tensor of(List<Long> sizes, float... values) {
    Tensor out = zeros(ScalarType.F32, sizes);
    out.data.asFloatBuffer().put(values);
    return out;
  }

  /** An i64 tensor of given elements. */
  public static Tensor of(List<Long> sizes, long... values) {
    Tensor out = zeros(ScalarType.I64, sizes);
    out.data.asLongBuffer().put(values);
    return out;
  }

  /** A scalar i32. */
  public static Tensor scalar(int value) {
    Tensor out = zeros(ScalarType.I32, List.of());
    out.data.putInt(0, value);
    return out;
  }

  /** Number of elements. */
  public int count() {
    return data.capacity() / element.bytes();
  }

  public long size(int axis) {
    return sizes.get(axis < 0 ? sizes.size() + axis : axis);
  }

  /** Element {@code index}; whole numbers above 2^53 are rounded. */
  public double get(int index) {
    return switch (element) {
      case F32 -> data.getFloat(4 * index);
      case F64 -> data.getDouble(8 * index);
      case F16 -> HalfFloats.fromHalf(data.getShort(2 * index));
      case BF16 -> HalfFloats.fromBfloat16(data.getShort(2 * index));
      case I64, I32, I16, I8, U8, I1 -> getLong(index);
    };
  }

  /** Element {@code index} of a whole number kind. */
  public long getLong(int index) {
    return switch (element) {
      case I64 -> data.getLong(8 * index);
      case I32 -> data.getInt(4 * index);
      case I16 -> data.getShort(2 * index);
      case I8 -> data.get(index);
      case U8, I1 -> data.get(index) & 0xff;
      case F64, F32, F16, BF16 ->
        throw new IllegalStateException(element.text() + " is no whole number kind");
    };
  }

  /** Stores a value, converted to the element kind. */
  public void set(int index, double value) {
    switch (element) {
      case F32 -> data.putFloat(4 * index, (float) value);
      case F64 -> data.putDouble(8 * index, value);
      case F16 -> data.putShort(2 * index, HalfFloats.toHalf((float) value));
      case BF16 -> data.putShort(2 * index, HalfFloats.toBfloat16((float) value));
      case I64 -> data.putLong(8 * index, (long) value);
      case I32 -> data.putInt(4 * index, (int) value);
      case I16 -> data.putShort(2 * index, (short) value);
      case I8, U8 -> data.put(index, (byte) value);
      case I1 -> data.put(index, (byte) (value != 0 ? 1 : 0));
    }
  }

  /** All elements as floats. */
  public float[] floats() {
    float[] out = new float[count()];
    if (element == ScalarType.F32) {
      data.asFloatBuffer().get(out);
      return out;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) get(i);
    }
    return out;
  }

  /** All elements as doubles. */
  public double[] doubles() {
    double[] out = new double[count()];
    for (int i = 0; i < out.length; i++) {
      out[i] = get(i);
    }
    return out;
  }

  /** The same numbers as another element kind; itself when it has that kind. */
  public Tensor as(ScalarType kind) {
    if (kind == element) {
      return this;
    }
    Tensor out = zeros(kind, sizes);
    for (int i = 0; i < out.count(); i++) {
      out.set(i, get(i));
    }
    return out;
  }

  /** The same elements under other sizes. */
  public Tensor reshaped(List<Long> other) {
    return new Tensor(element, other, data);
  }

  /** Product of sizes. */
  public static long elements(List<Long> sizes) {
    long product = 1;
    for (long size : sizes) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }
}
