package org.quantcache.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** An address on the device. The driver's binding keeps addresses to itself and to classes that extend it. */
final class DevicePointer extends CUdeviceptr {
  DevicePointer() {}

  /** A pointer to an address. */
  static DevicePointer of(long address) {
    return new DevicePointer(new DevicePointer(), address);
  }

  private DevicePointer(DevicePointer base, long offset) {
    super(base, offset);
  }

  DevicePointer plus(long offset) {
    return offset == 0 ? this : new DevicePointer(this, offset);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
