package org.quantcache.kernels.cuda;

import jcuda.driver.JCudaDriver;

/** A copy between two places of the device, built once. The source may be one of equal rows. */
public final class DeviceCopy {
  private final CudaStream stream;
  private final DevicePointer to;
  private final DevicePointer from;
  private final long bytes;

  DeviceCopy(CudaStream stream, long to, long from, long bytes) {
    this.stream = stream;
    this.to = DevicePointer.of(to);
    this.from = DevicePointer.of(from);
    this.bytes = bytes;
  }

  /** Copies the bytes. */
  public void run() {
    run(0);
  }

  /** Copies row {@code row} of the source, rows of the copied size one after the other. */
  public void run(int row) {
    if (bytes == 0) {
      return;
    }
    CudaCalls.check(
        JCudaDriver.cuMemcpyDtoDAsync(
            to, row == 0 ? from : from.plus(row * bytes), bytes, stream.handle()),
        "copy on the device");
  }
}
