package org.quantcache.kernels.cuda;

import jcuda.Pointer;

/** An address on the host. */
final class HostPointer extends Pointer {
  HostPointer() {}

  private HostPointer(HostPointer base, long offset) {
    super(base, offset);
  }

  HostPointer plus(long offset) {
    return offset == 0 ? this : new HostPointer(this, offset);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
