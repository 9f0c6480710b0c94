package org.quantcache.kernels.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.natives.CudaNatives;

/** The first CUDA device of the process and its context. Whatever was made with it is closed before it. */
public final class CudaDevice implements AutoCloseable {
  private static final int OLDEST_DRIVER = 12000;
  private static final int OLDEST_CAPABILITY = 80;
  private static final int KILO = 1000;

  private final CUdevice device;
  private final CUcontext context;
  private final String name;
  private final int driverVersion;
  private final int computeCapability;
  private boolean closed;

  private CudaDevice(CUdevice device, CUcontext context, int driverVersion, int capability) {
    this.device = device;
    this.context = context;
    this.driverVersion = driverVersion;
    this.computeCapability = capability;
    this.name = nameOf(device);
  }

  /**
   * Opens device 0; the calling thread may use it then.
   *
   * @throws UserError RT0501 without a driver, RT0503 with one that is too old, RT0504 without a device, RT0505 when
   *     the device is older than compute capability 8.0, RT0508 when the driver fails, RT0401 to RT0403 when JCuda's
   *     library cannot be loaded
   */
  public static CudaDevice open() {
    CudaNatives.load();
    int[] version = {0};
    CudaCalls.check(JCudaDriver.cuDriverGetVersion(version), "ask for the version of the driver");
    if (version[0] < OLDEST_DRIVER) {
      throw UserError.of("RT0503", "the driver knows CUDA %s only", versionText(version[0]))
          .withHint("install a driver for CUDA %s or newer", versionText(OLDEST_DRIVER));
    }
    int[] count = {0};
    int started = JCudaDriver.cuInit(0);
    if (started == CUresult.CUDA_SUCCESS) {
      started = JCudaDriver.cuDeviceGetCount(count);
    }
    if (count[0] == 0) {
      throw UserError.of("RT0504", "no CUDA device: %s", CudaCalls.describe(started))
          .withHint("see what nvidia-smi says, and CUDA_VISIBLE_DEVICES; or use --target cpu");
    }
    CUdevice device = new CUdevice();
    CudaCalls.check(JCudaDriver.cuDeviceGet(device, 0), "open the device");
    int capability = 10 * attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    if (capability < OLDEST_CAPABILITY) {
      throw UserError.of(
              "RT0505",
              "%s has compute capability %d.%d; kernels need 8.0",
              nameOf(device),
              capability / 10,
              capability % 10)
          .withHint("use a GPU of the Ampere generation or newer, or --target cpu");
    }
    CUcontext context = new CUcontext();
    CudaCalls.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "take the context of the device");
    CudaDevice opened = new CudaDevice(device, context, version[0], capability);
    opened.use();
    return opened;
  }

  /** Whether kernels run on the processor, under the emulation of a driver. */
  public boolean isEmulated() {
    return CudaNatives.isEmulated();
  }

  public String name() {
    return name;
  }

  /** Newest CUDA version of the driver, as 1000 major + 10 minor. */
  public int driverVersion() {
    return driverVersion;
  }

  /** Compute capability, as 10 major + minor: 80, 90, 120. */
  public int computeCapability() {
    return computeCapability;
  }

  public int multiprocessors() {
    return attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  }

  /** Highest clock of the multiprocessors, in MHz; 0 when the driver does not tell. */
  public int clockMegahertz() {
    return attribute(device, CU_DEVICE_ATTRIBUTE_CLOCK_RATE) / KILO;
  }

  /** Highest clock of the memory, in MHz; 0 when the driver does not tell. */
  public int memoryClockMegahertz() {
    return attribute(device, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE) / KILO;
  }

  /** The most shared memory that a block can get, in bytes. */
  public int sharedBytes() {
    return attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  }

  public long totalBytes() {
    return memory()[1];
  }

  /** Memory that nobody uses, here or in other processes. */
  public long freeBytes() {
    return memory()[0];
  }

  private static long[] memory() {
    long[] free = {0};
    long[] total = {0};
    CudaCalls.check(JCudaDriver.cuMemGetInfo(free, total), "ask for the memory of the device");
    return new long[] {free[0], total[0]};
  }

  /** Lets the calling thread use the device and whatever was made with it. */
  public void use() {
    CudaCalls.check(JCudaDriver.cuCtxSetCurrent(context), "use the device on this thread");
  }

  /**
   * Waits until all streams are through.
   *
   * @throws UserError RT0508 when a kernel failed
   */
  public void synchronize() {
    CudaCalls.check(JCudaDriver.cuCtxSynchronize(), "finish the work of the device");
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuDevicePrimaryCtxRelease(device);
    }
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = {0};
    CudaCalls.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "ask about the device");
    return value[0];
  }

  private static String nameOf(CUdevice device) {
    byte[] text = new byte[256];
    CudaCalls.check(
        JCudaDriver.cuDeviceGetName(text, text.length, device), "ask for the name of the device");
    String whole = new String(text, StandardCharsets.UTF_8);
    int end = whole.indexOf('\0');
    return end < 0 ? whole : whole.substring(0, end);
  }

  private static String versionText(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
