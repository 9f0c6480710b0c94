package org.quantcache.kernels.cuda.natives;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.natives.NativeCache;
import org.quantcache.kernels.natives.NativeFile;

/**
 * Loads JCuda's binding of the CUDA driver into the process. A process has one driver for its whole life: NVIDIA's, or
 * a stand-in that was loaded before.
 */
public final class CudaNatives {
  private static final String VERSION = "12.6.0";
  private static final String BINDING = "jcuda.driver.JCudaDriver";
  private static final String FOLDER_OF_JCUDA = "java.io.tmpdir";

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
    String library = "libJCudaDriver-" + VERSION + "-" + NativeFile.platform() + ".so";
    Path folder = NativeCache.ofUser(System.getenv())
        .provide(
            "jcuda-" + VERSION,
            List.of(NativeFile.library(library, "/lib/" + library)),
            "the cuda device runs on linux-x86_64; elsewhere use --target reference");
    bind(folder, library);
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
      throw refused(library, e);
    }
    standIn = true;
    load();
  }

  /** Whether the driver of this process is a stand-in. */
  public static synchronized boolean isEmulated() {
    return standIn;
  }

  private static void bind(Path folder, String library) {
    try {
      // Fails where a driver is missing, and before a class of JCuda is spoiled by it.
      System.load(folder.resolve(library).toAbsolutePath().toString());
    } catch (UnsatisfiedLinkError e) {
      if (Objects.toString(e.getMessage()).contains("libcuda.so")) {
        throw UserError.of("RT0501", "no CUDA driver: libcuda.so.1 cannot be loaded")
            .withHint("install NVIDIA's driver 525 or newer, or use --target cpu")
            .causedBy(e);
      }
      throw refused(folder, e);
    }
    // JCuda unpacks its library into this folder, and not atomically, unless it finds it there.
    String before = System.getProperty(FOLDER_OF_JCUDA);
    System.setProperty(FOLDER_OF_JCUDA, folder.toAbsolutePath().toString());
    try {
      Class.forName(BINDING);
    } catch (ClassNotFoundException | UnsatisfiedLinkError e) {
      throw refused(folder, e);
    } finally {
      System.setProperty(FOLDER_OF_JCUDA, before);
    }
  }

  private static UserError refused(Path what, Throwable cause) {
    return UserError.of(
            "RT0403", "cannot load the native libraries in %s: %s", what, cause.getMessage())
        .withHint("delete this folder if its files are damaged; glibc 2.29 or newer is needed")
        .causedBy(cause);
  }
}
