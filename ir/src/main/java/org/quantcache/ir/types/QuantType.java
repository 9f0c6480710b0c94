package org.quantcache.ir.types;

import java.util.Objects;

/**
 * Quantized element whose value range and storage cell differ: a 6-bit activation lives in an 8-bit cell, two
 * 4-bit weights share one. The numbers of the scales and offsets are data, never part of the type.
 *
 * <p>What shares a scale tells weights from activations. A weight has scales per channel or group: its values are
 * signed, symmetric around zero, {@code w = q * scale}. An activation has scales per token or tensor: its values are
 * unsigned, {@code x = q * step + least}, with {@code step} and {@code least} measured when the program runs.
 *
 * @param rangeBits bits of the value range, 2..8
 * @param cellBits bits of the storage cell that one value takes, 4 or 8
 * @param granularity what shares a scale
 * @param groupSize channels that share a scale when {@code granularity} is {@code GROUP}, else 0
 * @param scale element kind of the scales
 */
public record QuantType(
    int rangeBits, int cellBits, Granularity granularity, int groupSize, ScalarType scale)
    implements ElementType {
  /** What shares one scale. */
  public enum Granularity {
    TENSOR,
    TOKEN,
    CHANNEL,
    GROUP
  }

  public QuantType {
    Objects.requireNonNull(granularity);
    if (rangeBits < 2 || rangeBits > 8) {
      throw new IllegalArgumentException("a quantized range has 2..8 bits, found " + rangeBits);
    }
    if (cellBits != 4 && cellBits != 8) {
      throw new IllegalArgumentException("a storage cell has 4 or 8 bits, found " + cellBits);
    }
    if (cellBits < rangeBits) {
      throw new IllegalArgumentException(
          "cell of " + cellBits + " bits cannot hold a range of " + rangeBits + " bits");
    }
    if ((granularity == Granularity.GROUP) != (groupSize > 0)) {
      throw new IllegalArgumentException(
          "group size " + groupSize + " does not fit granularity " + granularity);
    }
    if (!scale.isFloat()) {
      throw new IllegalArgumentException("scales are floats, found " + scale.text());
    }
  }

  /** The same values in cells of another width. @throws IllegalArgumentException for cells that do not hold them */
  public QuantType withCellBits(int bits) {
    return new QuantType(rangeBits, bits, granularity, groupSize, scale);
  }

  /** Whether values are signed and symmetric, as those of weights; activations count up from an offset. */
  public boolean isSigned() {
    return granularity == Granularity.CHANNEL || granularity == Granularity.GROUP;
  }

  /** The scalar kind that holds one value on its own: i8 or u8. */
  public ScalarType valueType() {
    return isSigned() ? ScalarType.I8 : ScalarType.U8;
  }

  @Override
  public long storageBits(long elements) {
    return Math.multiplyExact(elements, cellBits);
  }

  @Override
  public int valueBits() {
    return rangeBits;
  }

  @Override
  public String text() {
    String per = granularity.name().toLowerCase(java.util.Locale.ROOT);
    String group = granularity == Granularity.GROUP ? ", group = " + groupSize : "";
    return "q<range = " + rangeBits + ", cell = " + cellBits + ", per = " + per + group
        + ", scale = " + scale.text() + ">";
  }
}
