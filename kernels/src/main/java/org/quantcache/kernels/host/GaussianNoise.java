package org.quantcache.kernels.host;

import java.nio.FloatBuffer;

/**
 * Seeded normal noise, the same on every machine. With {@code mix} the finalizer of SplitMix64, {@code golden} its
 * increment and {@code start = mix(seed + golden * (stream + 1))}, elements 2k and 2k+1 of a stream come from the uniform
 * numbers u1 in (0, 1] and u2 in [0, 1), the top 53 bits of {@code mix(start + golden * 2k)} and
 * {@code mix(start + golden * (2k + 1))}; by Box and Muller they are {@code sqrt(-2 ln u1) cos(2 pi u2)} and
 * {@code ... sin(2 pi u2)}, computed with {@link StrictMath} and rounded to float.
 */
public final class GaussianNoise {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final long start;

  /** Noise number {@code stream} of a seed; streams do not overlap in practice. */
  public GaussianNoise(long seed, long stream) {
    this.start = mix(seed + GOLDEN * (stream + 1));
  }

  /** Writes elements {@code first..first+count} of the stream to {@code out} from position 0 on. */
  public void fill(long first, int count, FloatBuffer out) {
    for (int i = 0; i < count; i++) {
      out.put(i, at(first + i));
    }
  }

  /** Element {@code index} of the stream. */
  public float at(long index) {
    long pair = index & ~1L;
    double u1 = ((mix(start + GOLDEN * pair) >>> 11) + 1) * 0x1p-53;
    double u2 = (mix(start + GOLDEN * (pair + 1)) >>> 11) * 0x1p-53;
    double radius = StrictMath.sqrt(-2 * StrictMath.log(u1));
    double angle = 2 * Math.PI * u2;
    return (float) (radius * ((index & 1) == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle)));
  }

  private static long mix(long counter) {
    long z = counter;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
