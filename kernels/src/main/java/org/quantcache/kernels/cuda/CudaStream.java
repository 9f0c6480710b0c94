package org.quantcache.kernels.cuda;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/** Work that the device does in order, while the program goes on. The owner closes it. */
public final class CudaStream implements AutoCloseable {
  private final CUstream stream = new CUstream();
  private boolean closed;

  /** @throws UserError RT0508 when the driver fails */
  public CudaStream() {
    // Copies that wait, as DeviceMemory's do, come in order with the work of such a stream.
    CudaCalls.check(JCudaDriver.cuStreamCreate(stream, 0), "make a stream");
  }

  CUstream handle() {
    return stream;
  }

  /** Copies to the device later; the host memory stays as it is until then. */
  public void upload(HostMemory from, long fromOffset, DeviceMemory to, long toOffset, long bytes) {
    CudaCalls.check(
        JCudaDriver.cuMemcpyHtoDAsync(
            to.at(toOffset, bytes), from.at(fromOffset, bytes), bytes, stream),
        "copy to the device");
  }

  /** Copies from the device later; read the host memory after {@link #synchronize()}. */
  public void download(
      DeviceMemory from, long fromOffset, HostMemory to, long toOffset, long bytes) {
    CudaCalls.check(
        JCudaDriver.cuMemcpyDtoHAsync(
            to.at(toOffset, bytes), from.at(fromOffset, bytes), bytes, stream),
        "copy from the device");
  }

  /** Copies between memories of the device, which must not overlap. */
  public void copy(DeviceMemory from, long fromOffset, DeviceMemory to, long toOffset, long bytes) {
    CudaCalls.check(
        JCudaDriver.cuMemcpyDtoDAsync(
            to.at(toOffset, bytes), from.at(fromOffset, bytes), bytes, stream),
        "copy on the device");
  }

  /** Sets bytes of the device. */
  public void fill(DeviceMemory memory, long offset, long bytes, byte value) {
    CudaCalls.check(
        JCudaDriver.cuMemsetD8Async(memory.at(offset, bytes), value, bytes, stream),
        "fill memory of the device");
  }

  /**
   * Waits for the work of this stream.
   *
   * @throws UserError RT0508 when a kernel failed
   */
  public void synchronize() {
    CudaCalls.check(JCudaDriver.cuStreamSynchronize(stream), "finish the work of the device");
  }

  /**
   * Keeps the work that is given to this stream meanwhile, with the values that parameters have now, and does none of
   * it. {@code work} must not wait for the device, nor take or free its memory.
   */
  public CudaGraph capture(Runnable work) {
    CudaCalls.check(
        JCudaDriver.cuStreamBeginCapture(
            stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "record a graph");
    CUgraph graph = new CUgraph();
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      // The stream would record for ever.
      if (JCudaDriver.cuStreamEndCapture(stream, graph) == CUresult.CUDA_SUCCESS) {
        JCudaDriver.cuGraphDestroy(graph);
      }
      throw e;
    }
    CudaCalls.check(JCudaDriver.cuStreamEndCapture(stream, graph), "record a graph");
    CUgraphExec executable = new CUgraphExec();
    int result = JCudaDriver.cuGraphInstantiate(executable, graph, 0);
    JCudaDriver.cuGraphDestroy(graph);
    CudaCalls.check(result, "prepare a graph");
    return new CudaGraph(executable);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuStreamDestroy(stream);
    }
  }
}
