package org.quantcache.kernels.cuda;

import java.util.function.BooleanSupplier;

/**
 * Launches and copies that follow each other whatever is decided, always with the same arguments. They are recorded as
 * a graph and from then on started by one call. The owner closes it.
 */
final class CudaSegment implements Runnable, AutoCloseable {
  private final CudaStream stream;
  private final Runnable work;
  private final BooleanSupplier oneByOne;
  private boolean known;
  private CudaGraph graph;

  /**
   * @param work gives the launches and copies to the stream and does nothing else
   * @param oneByOne whether a run goes without the graph
   */
  CudaSegment(CudaStream stream, Runnable work, BooleanSupplier oneByOne) {
    this.stream = stream;
    this.work = work;
    this.oneByOne = oneByOne;
  }

  @Override
  public void run() {
    if (oneByOne.getAsBoolean() || !known) {
      // What runs once is not worth a graph, and the driver may load kernels when they run first,
      // which it must not do
      // while it records.
      work.run();
      known = true;
      return;
    }
    if (graph == null) {
      graph = stream.capture(work);
    }
    graph.run(stream);
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
      graph = null;
    }
  }
}
