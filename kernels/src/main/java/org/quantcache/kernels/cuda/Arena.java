package org.quantcache.kernels.cuda;

import java.nio.ByteBuffer;

/**
 * Where the values of a program lie: memory of the device, and memory of the same layout that Java reads and writes.
 * A value is in both only after it was copied. The owner closes it.
 */
final class Arena implements AutoCloseable {
  private final DeviceMemory device;
  private final HostMemory host;

  /** @throws org.quantcache.ir.diagnostics.UserError RT0506, RT0507 */
  Arena(CudaDevice device, long bytes) {
    this.device = new DeviceMemory(
        device,
        Math.max(1, bytes),
        "working memory",
        "compile for fewer frames, a smaller picture or a smaller batch");
    try {
      this.host = new HostMemory(bytes);
    } catch (RuntimeException e) {
      this.device.close();
      throw e;
    }
  }

  /** Address on the device. */
  long address(long offset) {
    return device.address() + offset;
  }

  ByteBuffer view(long offset, long bytes) {
    return host.view(offset, bytes);
  }

  /** Copies a value to the device; Java may write it again afterwards. A value too large to be staged is waited for. */
  void send(long offset, long bytes, StagedUploads staged, CudaStream stream) {
    if (!staged.send(host, offset, device, offset, bytes, stream)) {
      stream.upload(host, offset, device, offset, bytes);
      stream.synchronize();
    }
  }

  /** Copies a value from the device, after the work that was given to the stream. */
  void fetch(long offset, long bytes, CudaStream stream) {
    stream.download(device, offset, host, offset, bytes);
    stream.synchronize();
  }

  void zero(long offset, long bytes, CudaStream stream) {
    stream.fill(device, offset, bytes, (byte) 0);
  }

  @Override
  public void close() {
    device.close();
    host.close();
  }
}
