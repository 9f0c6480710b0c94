package org.quantcache.passes.calibration;

/**
 * How a weight is rounded and what that costs.
 *
 * @param bits of a value
 * @param group channels that share a scale, 0 for a whole row
 * @param clip part of the largest magnitude that the grid spans
 * @param error squared, relative to the output of the product
 */
public record RoundedWeight(int bits, int group, double clip, double error) {
  /** @throws IllegalArgumentException when a number has no meaning */
  public RoundedWeight {
    if (bits < 2
        || bits > 8
        || group < 0
        || !(clip > 0 && clip <= 1)
        || !LayerRounding.isError(error)) {
      throw new IllegalArgumentException("a rounded weight holds a number without meaning");
    }
  }
}
