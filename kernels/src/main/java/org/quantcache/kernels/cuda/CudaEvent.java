package org.quantcache.kernels.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** A moment in the work of a stream. The owner closes it. */
public final class CudaEvent implements AutoCloseable {
  private final CUevent event = new CUevent();
  private boolean closed;

  /** One that knows its time. @throws UserError RT0508 when the driver fails */
  public CudaEvent() {
    this(CUevent_flags.CU_EVENT_DEFAULT);
  }

  private CudaEvent(int flags) {
    CudaCalls.check(JCudaDriver.cuEventCreate(event, flags), "make an event");
  }

  /** One without a time, for which a thread waits without keeping a processor busy. */
  static CudaEvent forWaiting() {
    return new CudaEvent(
        CUevent_flags.CU_EVENT_DISABLE_TIMING | CUevent_flags.CU_EVENT_BLOCKING_SYNC);
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
