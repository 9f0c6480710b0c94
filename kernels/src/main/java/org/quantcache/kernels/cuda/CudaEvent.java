package org.quantcache.kernels.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/** A moment in the work of a stream. The owner closes it. */
public final class CudaEvent implements AutoCloseable {
  private final CUevent event = new CUevent();
  private boolean closed;

  /** @throws UserError RT0508 when the driver fails */
  public CudaEvent() {
    CudaCalls.check(JCudaDriver.cuEventCreate(event, 0), "make an event");
  }

  /** Stands for the moment when the stream is through with all work that it has now. */
  public void record(CudaStream stream) {
    CudaCalls.check(JCudaDriver.cuEventRecord(event, stream.handle()), "record an event");
  }

  /** Waits for the moment. */
  public void synchronize() {
    CudaCalls.check(JCudaDriver.cuEventSynchronize(event), "finish the work of the device");
  }

  /** Milliseconds from this moment to a later one; both have come. */
  public float millisecondsTo(CudaEvent later) {
    float[] milliseconds = {0};
    CudaCalls.check(
        JCudaDriver.cuEventElapsedTime(milliseconds, event, later.event), "read the time");
    return milliseconds[0];
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuEventDestroy(event);
    }
  }
}
