package org.quantcache.kernels.cpu;

import java.util.Map;

/**
 * What an emitted executor works with: kernels, workers, weights, its arena and the values of the symbolic sizes.
 */
public final class CpuContext {
  final KernelLibrary library;
  final WorkerPool pool;
  final CpuWeights weights;
  final NativeBuffer arena;
  final Map<String, Long> sizes;

  CpuContext(
      KernelLibrary library,
      WorkerPool pool,
      CpuWeights weights,
      NativeBuffer arena,
      Map<String, Long> sizes) {
    this.library = library;
    this.pool = pool;
    this.weights = weights;
    this.arena = arena;
    this.sizes = sizes;
  }
}
