package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/**
 * What rounding costs in each product of the block stack; method section 2.
 *
 * @param layers in program order, each key once
 */
public record Rounding(List<LayerRounding> layers) {
  /** @throws IllegalArgumentException when a layer comes twice */
  public Rounding {
    layers = ImmutableList.copyOf(layers);
    if (layers.stream().map(LayerRounding::key).distinct().count() != layers.size()) {
      throw new IllegalArgumentException("a layer comes twice");
    }
  }

  /** The layer whose weight has this key. */
  public Optional<LayerRounding> find(String key) {
    return layers.stream().filter(layer -> layer.key().equals(key)).findFirst();
  }
}
