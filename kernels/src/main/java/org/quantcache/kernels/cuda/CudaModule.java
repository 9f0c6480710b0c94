package org.quantcache.kernels.cuda;

import java.util.Arrays;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;

/** Compiled kernels on the device. The owner closes it when no launch of its functions is under way. */
public final class CudaModule implements AutoCloseable {
  private final CUmodule module = new CUmodule();
  private final String name;
  private boolean closed;

  /**
   * Loads an image: a cubin, PTX, or under emulation a shared library.
   *
   * @param name what it is called in errors
   * @throws UserError RT0509 when the device cannot run it, RT0508 when the driver fails
   */
  public CudaModule(CudaDevice device, String name, byte[] image) {
    this.name = name;
    // PTX is read as text, which a zero ends.
    byte[] ended = Arrays.copyOf(image, image.length + 1);
    int result = JCudaDriver.cuModuleLoadData(module, ended);
    switch (result) {
      case CUresult.CUDA_ERROR_INVALID_IMAGE,
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          CUresult.CUDA_ERROR_INVALID_PTX,
          CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
          CUresult.CUDA_ERROR_INVALID_SOURCE ->
        throw UserError.of(
                "RT0509",
                "%s (compute capability %d.%d) cannot run the kernels of %s: %s",
                device.name(),
                device.computeCapability() / 10,
                device.computeCapability() % 10,
                name,
                CudaCalls.describe(result))
            .withHint("compile for this device, or install a newer driver");
      default -> CudaCalls.check(result, "load the kernels of " + name);
    }
  }

  /**
   * A kernel by its name.
   *
   * @throws UserError RT0510 when the module has none of this name, RT0508 when the driver fails
   */
  public CudaFunction function(String function) {
    CUfunction handle = new CUfunction();
    int result = JCudaDriver.cuModuleGetFunction(handle, module, function);
    if (result == CUresult.CUDA_ERROR_NOT_FOUND) {
      throw UserError.of("RT0510", "the kernels of %s lack %s", name, function)
          .withHint("compile the program again with this version");
    }
    CudaCalls.check(result, "find " + function + " in the kernels of " + name);
    return new CudaFunction(function, handle);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuModuleUnload(module);
    }
  }
}
