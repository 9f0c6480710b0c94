package org.quantcache.kernels.cuda;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/** What calls of the driver return. */
final class CudaCalls {
  private CudaCalls() {}

  /**
   * @param what the call, as in "cannot ..."
   * @throws UserError RT0508 unless the call succeeded
   */
  static void check(int result, String what) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw UserError.of("RT0508", "cannot %s: %s", what, describe(result))
          .withHint("a failed kernel leaves the device unusable until the program starts again");
    }
  }

  /** Name of a result and the driver's words for it. */
  static String describe(int result) {
    String[] text = {""};
    JCudaDriver.cuGetErrorString(result, text);
    return CUresult.stringFor(result) + (text[0] == null ? "" : " (" + text[0].trim() + ")");
  }
}
