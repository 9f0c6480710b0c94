package org.quantcache.tools.layers;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.tensor.Tensor;

/**
 * What both sides are run with.
 *
 * @param inputs tensors by name
 * @param steps of the loop
 * @param decisions how guards decide
 */
record Run(Map<String, Tensor> inputs, int steps, DecisionMode decisions) {
  Run {
    inputs = ImmutableMap.copyOf(inputs);
  }
}
