package org.quantcache.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Memory of the host that the system keeps in place, so that the device copies from and to it while a program goes on.
 * The content is undefined at first. The owner closes it; views must not be used afterwards.
 */
public final class HostMemory implements AutoCloseable {
  private final HostPointer pointer = new HostPointer();
  private final long bytes;
  private boolean closed;

  /** @throws UserError RT0507 when the system does not give that much, RT0508 when the driver fails */
  public HostMemory(long bytes) {
    this.bytes = bytes;
    int result = JCudaDriver.cuMemHostAlloc(pointer, Math.max(1, bytes), 0);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw UserError.of("RT0507", "cannot take %d MiB of locked memory", bytes >> 20)
          .withHint("use smaller sizes, or raise the limit of locked memory (ulimit -l)");
    }
    CudaCalls.check(result, "take locked memory");
  }

  public long bytes() {
    return bytes;
  }

  /** Address of the first byte, on the host. */
  public long address() {
    return pointer.address();
  }

  /** A little-endian view of a part below 2 GiB. It must not outlive this memory. */
  public ByteBuffer view(long offset, long length) {
    at(offset, length);
    if (length > Integer.MAX_VALUE) {
      throw new IndexOutOfBoundsException("a view of " + length + " bytes");
    }
    return pointer.getByteBuffer(offset, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  HostPointer at(long offset, long length) {
    if (closed || offset < 0 || length < 0 || offset > bytes - length) {
      throw new IndexOutOfBoundsException(length + " bytes from " + offset + " of " + bytes);
    }
    return pointer.plus(offset);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuMemFreeHost(pointer);
    }
  }
}
