package org.quantcache.ir.weights;

import java.util.Optional;
import org.quantcache.ir.types.ScalarType;

/** Element kinds of the safetensors format. */
public enum StoredType {
  F64(8, ScalarType.F64),
  F32(4, ScalarType.F32),
  F16(2, ScalarType.F16),
  BF16(2, ScalarType.BF16),
  I64(8, ScalarType.I64),
  I32(4, ScalarType.I32),
  I16(2, ScalarType.I16),
  I8(1, ScalarType.I8),
  U8(1, ScalarType.U8),
  BOOL(1, ScalarType.I1);

  private final int bytes;
  private final ScalarType scalar;

  StoredType(int bytes, ScalarType scalar) {
    this.bytes = bytes;
    this.scalar = scalar;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The element kind of the IR. */
  public ScalarType scalar() {
    return scalar;
  }

  /** The stored form of an element kind. */
  public static StoredType of(ScalarType scalar) {
    for (StoredType type : values()) {
      if (type.scalar == scalar) {
        return type;
      }
    }
    throw new IllegalArgumentException("no stored form of " + scalar.text());
  }

  /** The kind of this name in a file header. */
  public static Optional<StoredType> named(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
