package org.quantcache.passes.aigq;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.quantcache.passes.calibration.LayerRounding;

/**
 * How much a layer minds to be rounded (method section 2): {@code w1 * numeric + w2 * perceptual + w3 * temporal}, each
 * as a multiple of its mean over the layers. What the video and its motion lose was measured at one width; at others it
 * follows the error of the product.
 */
final class Sensitivity {
  /**
   * How much each kind of error counts.
   *
   * @param numeric of the product, squared and relative
   * @param perceptual of the decoded video
   * @param temporal of the differences between frames
   */
  record Shares(double numeric, double perceptual, double temporal) {}

  private final Shares shares;
  private final double numericMean;
  private final double perceptualMean;
  private final double temporalMean;

  Sensitivity(Shares shares, List<LayerRounding> layers) {
    this.shares = shares;
    this.numericMean = mean(layers, layer -> layer.probe().error());
    this.perceptualMean = mean(layers, LayerRounding::perceptual);
    this.temporalMean = mean(layers, LayerRounding::temporal);
  }

  private static double mean(List<LayerRounding> layers, ToDoubleFunction<LayerRounding> value) {
    double mean = layers.stream().mapToDouble(value).average().orElse(0);
    return mean > 0 ? mean : 1;
  }

  /** Sensitivity of a layer whose product has this error, squared and relative. */
  double of(LayerRounding layer, double error) {
    double probe = layer.probe().error();
    double ratio = probe > 0 ? error / probe : 0;
    return shares.numeric() * error / numericMean
        + shares.perceptual() * ratio * layer.perceptual() / perceptualMean
        + shares.temporal() * ratio * layer.temporal() / temporalMean;
  }
}
