package org.quantcache.tools;

import org.junit.jupiter.api.Tag;

/** The same with activations of 32 bits, as near as the cpu device. */
@Tag("slow")
class GoldenCudaFloatsTest extends GoldenCudaTest {
  @Override
  double forwardBound() {
    return 2e-5;
  }

  @Override
  double sampleBound() {
    return 1e-4;
  }

  @Override
  String targetPasses() {
    return "fuse{rules=ends},lower{device=cuda},memory-plan";
  }
}
