package org.quantcache.kernels.cuda.natives;

import java.nio.file.Path;
import java.util.Objects;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Loads JCuda's binding of the CUDA driver into the process. A process has one driver for its whole life: NVIDIA's, or
 * a stand-in that was loaded before.
 */
public final class CudaNatives {
  private static boolean loaded;
  private static boolean standIn;

  private CudaNatives() {}

  /**
   * Loads the binding; does nothing when it is there.
   *
   * @throws UserError RT0401 without natives for this platform, RT0402 when they cannot be extracted, RT0403 when the
   *     system refuses to load them, RT0501 when there is no CUDA driver
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    try {
      JCudaLibrary.load("JCudaDriver", "jcuda.driver.JCudaDriver");
    } catch (UnsatisfiedLinkError e) {
      if (Objects.toString(e.getMessage()).contains("libcuda.so")) {
        throw UserError.of("RT0501", "no CUDA driver: libcuda.so.1 cannot be loaded")
            .withHint("install NVIDIA's driver 525 or newer, or use --target cpu")
            .causedBy(e);
      }
      throw JCudaLibrary.refused(e);
    }
    loaded = true;
  }

  /**
   * Loads a library in place of NVIDIA's, and the binding over it; does nothing when a stand-in is there.
   *
   * @throws UserError RT0502 when the process holds NVIDIA's driver, and as {@link #load()}
   */
  public static synchronized void loadOver(Path library) {
    if (standIn) {
      return;
    }
    if (loaded) {
      throw UserError.of(
              "RT0502", "this process holds the CUDA driver, so the emulation cannot be loaded")
          .withHint("load the emulation before anything asks for a CUDA device");
    }
    try {
      System.load(library.toAbsolutePath().toString());
    } catch (UnsatisfiedLinkError e) {
      throw JCudaLibrary.refused(library, e);
    }
    standIn = true;
    load();
  }

  /** Whether the driver of this process is a stand-in. */
  public static synchronized boolean isEmulated() {
    return standIn;
  }
}
