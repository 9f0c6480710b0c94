package org.quantcache.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an emitted executor works with: the parts of its program, the values of the symbolic sizes, and what binding to
 * these sizes took. The program closes it before it binds to others.
 */
public final class CudaContext implements AutoCloseable {
  final KernelSet kernels;
  final CudaStream stream;
  final CudaWeights weights;
  final Arena arena;
  final HostAhead ahead;
  final boolean graphs;
  final Map<String, Long> sizes;
  final LaunchMemory launches = new LaunchMemory();
  private final List<CudaSegment> segments = new ArrayList<>();
  private Optional<LaunchTimer> timer = Optional.empty();

  CudaContext(
      KernelSet kernels,
      CudaStream stream,
      CudaWeights weights,
      Arena arena,
      HostAhead ahead,
      boolean graphs,
      Map<String, Long> sizes) {
    this.kernels = kernels;
    this.stream = stream;
    this.weights = weights;
    this.arena = arena;
    this.ahead = ahead;
    this.graphs = graphs;
    this.sizes = sizes;
  }

  CudaSegment own(CudaSegment segment) {
    segments.add(segment);
    return segment;
  }

  /** Made when it is asked for first. */
  LaunchTimer timer() {
    if (timer.isEmpty()) {
      timer = Optional.of(new LaunchTimer());
    }
    return timer.get();
  }

  @Override
  public void close() {
    timer.ifPresent(LaunchTimer::close);
    segments.forEach(CudaSegment::close);
    launches.close();
  }
}
