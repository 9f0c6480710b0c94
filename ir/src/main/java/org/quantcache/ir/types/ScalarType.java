package org.quantcache.ir.types;

import java.util.Locale;
import java.util.Optional;

/** Scalar element kinds. Integers are two's complement; {@code I1} is stored as one byte, 0 or 1. */
public enum ScalarType implements ElementType {
  F64(64),
  F32(32),
  F16(16),
  BF16(16),
  I64(64),
  I32(32),
  I16(16),
  I8(8),
  U8(8),
  I1(8);

  private final int bits;

  ScalarType(int bits) {
    this.bits = bits;
  }

  /** Bits of one stored element. */
  public int bits() {
    return bits;
  }

  /** Bytes of one stored element. */
  public int bytes() {
    return bits / 8;
  }

  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  @Override
  public long storageBits(long elements) {
    return Math.multiplyExact(elements, bits);
  }

  @Override
  public int valueBits() {
    return bits;
  }

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The kind spelled {@code text}, if there is one. */
  public static Optional<ScalarType> named(String text) {
    for (ScalarType type : values()) {
      if (type.text().equals(text)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
