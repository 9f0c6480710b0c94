package org.quantcache.passes.aigq;

import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.ir.types.ScalarType;

/**
 * How one product is rounded.
 *
 * @param weightBits bits of a weight, 4, 6 or 8
 * @param activationBits bits of an activation, 4..8
 * @param granularity what shares a range of activations, {@code token} or {@code tensor}
 * @param balance exponent of the balance between channels of activations and of weights, 0 for none
 * @param rotated whether channels are turned by a Hadamard transform
 * @param group channels of a weight that share a scale, 0 for a whole row
 * @param clip part of the largest magnitude that the grid of a weight spans
 */
record Grid(
    int weightBits,
    int activationBits,
    String granularity,
    double balance,
    boolean rotated,
    int group,
    double clip) {
  private static final int LARGEST_BLOCK = 128;

  /** The element of the weight: two of 4 bits share a byte, one of 6 bits takes one alone. */
  QuantType weightElement() {
    Granularity shares = group > 0 ? Granularity.GROUP : Granularity.CHANNEL;
    return new QuantType(weightBits, cellBits(weightBits), shares, group, ScalarType.F32);
  }

  private static int cellBits(int bits) {
    return bits == 4 ? 4 : 8;
  }

  /** Bits that a weight {@code [outputs, channels]} takes with its scales, its sums and its balance. */
  long storedBits(long outputs, long channels) {
    long groups = group > 0 ? channels / group : 1;
    long perGroup = 8L * (ScalarType.F32.bytes() + ScalarType.I32.bytes());
    long balanced = balance > 0 ? channels * 8 * ScalarType.F32.bytes() : 0;
    return outputs * (channels * cellBits(weightBits) + groups * perGroup) + balanced;
  }

  /** Channels of a rotated block: the largest power of two that divides the width; 0 for none. */
  int block(long channels) {
    int block = (int) Math.min(LARGEST_BLOCK, Long.lowestOneBit(channels));
    return rotated && block > 1 ? block : 0;
  }
}
