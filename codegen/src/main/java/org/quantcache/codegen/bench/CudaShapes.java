package org.quantcache.codegen.bench;

import java.util.List;

/**
 * Sizes of a network, as kernels meet them.
 *
 * @param name what it is called
 * @param samples numbers of samples that are measured, one after the other
 * @param frames of a sample
 * @param places of a frame
 * @param hidden channels
 * @param heads of attention
 * @param mlp channels between the two products of an MLP
 * @param tokens of the text of a sample
 */
public record CudaShapes(
    String name,
    List<Integer> samples,
    int frames,
    int places,
    int hidden,
    int heads,
    int mlp,
    int tokens) {
  /** The published model, XL/2, with 64 frames of 512 x 512: one sample, and both of guidance. */
  public static final CudaShapes PUBLISHED =
      new CudaShapes("XL/2", List.of(1, 2), 19, 1024, 1152, 16, 4608, 300);

  /** As small as the emulation of a driver needs it; for tests. */
  public static final CudaShapes TINY = new CudaShapes("tiny", List.of(1), 4, 16, 144, 2, 256, 20);

  int rows(int sampleCount) {
    return sampleCount * frames * places;
  }

  int headDim() {
    return hidden / heads;
  }
}
