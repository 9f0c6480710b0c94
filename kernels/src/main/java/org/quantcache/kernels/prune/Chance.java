package org.quantcache.kernels.prune;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/** Chance without state: the same seed, step and layer give the same number in every run and on every device. */
final class Chance {
  private static final double UNIT = 0x1p-53;
  private static final int DROPPED_BITS = 11;

  private Chance() {}

  /** A number in 0..1, 1 excluded. */
  static double of(long seed, int step, String kind, int layer) {
    long hash = Hashing.murmur3_128()
        .newHasher()
        .putLong(seed)
        .putInt(step)
        .putString(kind, StandardCharsets.UTF_8)
        .putInt(layer)
        .hash()
        .asLong();
    return (hash >>> DROPPED_BITS) * UNIT;
  }
}
