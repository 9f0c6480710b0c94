package org.quantcache.kernels.cuda;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/** Memory of the device, aligned to 256 bytes, with undefined content. The owner closes it. */
public final class DeviceMemory implements AutoCloseable {
  private final DevicePointer pointer = new DevicePointer();
  private final long bytes;
  private boolean closed;

  /**
   * @param bytes at least 1
   * @param purpose what it is for, as in "weights"
   * @param shrink what makes it smaller, as in "compile for fewer frames"
   * @throws UserError RT0506 when the device has not that much, RT0508 when the driver fails
   */
  public DeviceMemory(CudaDevice device, long bytes, String purpose, String shrink) {
    this.bytes = bytes;
    int result = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw UserError.of(
              "RT0506",
              "%s has not %d MiB for %s: %d of %d MiB are free",
              device.name(),
              mebibytes(bytes),
              purpose,
              device.freeBytes() >> 20,
              device.totalBytes() >> 20)
          .withHint("%s; or close what else uses the device", shrink);
    }
    CudaCalls.check(result, "take memory for " + purpose);
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  /** Address of the first byte, for parameters of kernels. */
  public long address() {
    return pointer.address();
  }

  public long bytes() {
    return bytes;
  }

  /** Copies the remaining bytes of a direct buffer to this memory and waits for it. */
  public void upload(long offset, ByteBuffer from) {
    int length = from.remaining();
    CudaCalls.check(
        JCudaDriver.cuMemcpyHtoD(at(offset, length), host(from), length), "copy to the device");
  }

  /** Copies from this memory to the remaining bytes of a direct buffer and waits for it. */
  public void download(long offset, ByteBuffer to) {
    int length = to.remaining();
    CudaCalls.check(
        JCudaDriver.cuMemcpyDtoH(host(to), at(offset, length), length), "copy from the device");
  }

  DevicePointer at(long offset, long length) {
    if (closed || offset < 0 || length < 0 || offset > bytes - length) {
      throw new IndexOutOfBoundsException(length + " bytes from " + offset + " of " + bytes);
    }
    return pointer.plus(offset);
  }

  private static Pointer host(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("copies need direct buffers");
    }
    return Pointer.to(buffer.slice());
  }

  /** Gives the memory back, after all work of the device. A failed kernel is reported where it is waited for. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuMemFree(pointer);
    }
  }
}
