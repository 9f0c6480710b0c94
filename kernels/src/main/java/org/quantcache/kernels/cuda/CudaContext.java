package org.quantcache.kernels.cuda;

import java.util.Map;

/** What an emitted executor works with: kernels, a stream, weights, its arena and the values of the symbolic sizes. */
public final class CudaContext {
  final KernelSet kernels;
  final CudaStream stream;
  final CudaWeights weights;
  final Arena arena;
  final LaunchMemory launches;
  final Map<String, Long> sizes;

  CudaContext(
      KernelSet kernels,
      CudaStream stream,
      CudaWeights weights,
      Arena arena,
      LaunchMemory launches,
      Map<String, Long> sizes) {
    this.kernels = kernels;
    this.stream = stream;
    this.weights = weights;
    this.arena = arena;
    this.launches = launches;
    this.sizes = sizes;
  }
}
