package org.quantcache.kernels.cuda;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/** A kernel of a module. */
public final class CudaFunction {
  private final String name;
  private final CUfunction handle;
  private int sharedBytes;

  CudaFunction(String name, CUfunction handle) {
    this.name = name;
    this.handle = handle;
  }

  public String name() {
    return name;
  }

  CUfunction handle() {
    return handle;
  }

  /**
   * Lets blocks have this much dynamic shared memory, which they must ask for above 48 KiB.
   *
   * @throws UserError RT0508 when the device has not that much
   */
  void reserveShared(int bytes) {
    if (bytes > sharedBytes) {
      CudaCalls.check(
          JCudaDriver.cuFuncSetAttribute(
              handle, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
          "give " + bytes + " bytes of shared memory to the blocks of " + name);
      sharedBytes = bytes;
    }
  }
}
