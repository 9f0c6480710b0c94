package org.quantcache.tools;

import org.quantcache.passes.pipelines.AllPasses;

/** The cuda device with activations of 16 bits, as target cuda compiles: as near as the original in bf16. */
class GoldenNarrowTest extends GoldenCudaTest {
  @Override
  double forwardBound() {
    return 1.5e-2;
  }

  @Override
  double sampleBound() {
    return 1.5e-2;
  }

  @Override
  String targetPasses() {
    return AllPasses.CUDA_PASSES;
  }
}
