package org.quantcache.kernels.cuda;

import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/** Recorded work of a stream, started by one call. The owner closes it. */
public final class CudaGraph implements AutoCloseable {
  private final CUgraphExec executable;
  private boolean closed;

  CudaGraph(CUgraphExec executable) {
    this.executable = executable;
  }

  /** @throws UserError RT0508 when the driver fails */
  public void run(CudaStream stream) {
    CudaCalls.check(JCudaDriver.cuGraphLaunch(executable, stream.handle()), "start a graph");
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuGraphExecDestroy(executable);
    }
  }
}
