package org.quantcache.kernels.cuda.natives;

import java.nio.file.Path;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.natives.NativeCache;
import org.quantcache.kernels.natives.NativeFile;

/** Loads one library of JCuda out of the user's cache. */
final class JCudaLibrary {
  private static final String VERSION = "12.6.0";
  private static final String FOLDER_OF_JCUDA = "java.io.tmpdir";

  private JCudaLibrary() {}

  /**
   * Loads a library and the class that binds it.
   *
   * @param name such as {@code JCudaDriver}
   * @param binding name of the class
   * @throws UnsatisfiedLinkError when the system refuses; the class is not touched then
   * @throws UserError RT0401 without natives for this platform, RT0402 when they cannot be extracted, RT0403 when the
   *     class cannot be loaded
   */
  static synchronized void load(String name, String binding) {
    String library = "lib" + name + "-" + VERSION + "-" + NativeFile.platform() + ".so";
    Path folder = NativeCache.ofUser(System.getenv())
        .provide(
            "jcuda-" + VERSION,
            List.of(NativeFile.library(library, "/lib/" + library)),
            "the cuda device runs on linux-x86_64; elsewhere use --target reference");
    System.load(folder.resolve(library).toAbsolutePath().toString());
    // JCuda unpacks its library into this folder, and not atomically, unless it finds it there.
    String before = System.getProperty(FOLDER_OF_JCUDA);
    System.setProperty(FOLDER_OF_JCUDA, folder.toAbsolutePath().toString());
    try {
      Class.forName(binding);
    } catch (ClassNotFoundException | UnsatisfiedLinkError e) {
      throw refused(folder, e);
    } finally {
      System.setProperty(FOLDER_OF_JCUDA, before);
    }
  }

  /** The error for a library that the system refuses. */
  static UserError refused(Throwable cause) {
    return refused(NativeCache.ofUser(System.getenv()).root(), cause);
  }

  static UserError refused(Path what, Throwable cause) {
    return UserError.of(
            "RT0403", "cannot load the native libraries in %s: %s", what, cause.getMessage())
        .withHint("delete this folder if its files are damaged; glibc 2.29 or newer is needed")
        .causedBy(cause);
  }
}
