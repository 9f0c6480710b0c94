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
 * @param largestBlock channels of a rotated block at most; 0 for no rotation
 */
record Grid(int weightBits, int activationBits, String granularity, int largestBlock) {
  /** The element of the weight: two of 4 bits share a byte, one of 6 bits takes one alone. */
  QuantType weightElement() {
    return new QuantType(
        weightBits, weightBits == 4 ? 4 : 8, Granularity.CHANNEL, 0, ScalarType.F32);
  }

  /** Channels of a rotated block: the largest power of two that divides the width; 0 for none. */
  int block(long channels) {
    int block = (int) Math.min(largestBlock, Long.lowestOneBit(channels));
    return block > 1 ? block : 0;
  }
}
