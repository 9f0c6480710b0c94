package org.quantcache.kernels.cpu.natives;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.natives.NativeCache;
import org.quantcache.kernels.natives.NativeFile;

/**
 * Loads Apache TVM into the process. A process holds one TVM library for its whole life, so the first call decides:
 * whoever may compile later loads {@link NativeMode#COMPILER} first. Asking again for something that the loaded
 * library covers costs nothing.
 */
public final class TvmNatives {
  private static final String LOAD_LIBRARIES = "org.bytedeco.javacpp.loadLibraries";

  /** Binding classes whose static parts would otherwise go looking for libraries of their own. */
  private static final List<String> BINDING_CLASSES = List.of(
      "org.bytedeco.javacpp.Pointer",
      "org.bytedeco.javacpp.BytePointer",
      "org.bytedeco.javacpp.IntPointer",
      "org.bytedeco.javacpp.LongPointer",
      "org.bytedeco.javacpp.PointerPointer",
      "org.bytedeco.tvm.global.tvm_runtime",
      "org.bytedeco.tvm.TVMValue",
      "org.bytedeco.tvm.TVMFunctionHandle",
      "org.bytedeco.tvm.TVMModuleHandle",
      "org.bytedeco.tvm.TVMObjectHandle",
      "org.bytedeco.tvm.DLTensor",
      "org.bytedeco.tvm.DLDevice",
      "org.bytedeco.tvm.DLDataType");

  /** A shared library cannot be unloaded or exchanged, so what is loaded is a fact of the process. */
  private static final AtomicReference<Loaded> LOADED = new AtomicReference<>();

  private record Loaded(NativeMode mode, Path folder) {}

  /**
   * Whether a mode can be used here.
   *
   * @param usable true when the files for this platform are on the class path
   * @param detail what was found
   * @param hint what to do about it, or empty
   */
  public record Availability(boolean usable, String detail, String hint) {}

  private TvmNatives() {}

  /**
   * Loads the library for a mode; does nothing when a loaded one covers it.
   *
   * @return the folder with the extracted files
   * @throws UserError RT0401 without natives for this platform, RT0402 when they cannot be extracted, RT0403 when the
   *     system refuses to load them, RT0404 when the small library is loaded already and the compiler is asked for
   */
  public static synchronized Path load(NativeMode mode) {
    Loaded loaded = LOADED.get();
    if (loaded != null) {
      if (!loaded.mode().covers(mode)) {
        throw UserError.of(
                "RT0404", "this process loaded the run-time library, which cannot compile")
            .withHint("load NativeMode.COMPILER before anything runs");
      }
      return loaded.folder();
    }
    Path folder = provide(NativeCache.ofUser(System.getenv()), mode, NativeFile.platform());
    link(folder);
    LOADED.set(new Loaded(mode, folder));
    return folder;
  }

  /** Folder with the files of a mode. */
  static Path provide(NativeCache cache, NativeMode mode, String platform) {
    String name = mode.name().toLowerCase(Locale.ROOT);
    return cache.provide(
        name,
        TvmFiles.of(mode, platform),
        "the cpu target of this build ("
            + name
            + ") runs on linux-x86_64; elsewhere use --target reference");
  }

  /** Whether the files for a mode are there; loads and extracts nothing. */
  public static Availability availability(NativeMode mode) {
    String platform = NativeFile.platform();
    Path cache = NativeCache.ofUser(System.getenv()).root();
    for (NativeFile file : TvmFiles.of(mode, platform)) {
      if (!file.isThere()) {
        return new Availability(
            false,
            "no " + file.name() + " for " + platform + " on the class path",
            "the cpu target runs on linux-x86_64; elsewhere use --target reference");
      }
    }
    return new Availability(true, "TVM for " + platform + ", extracted to " + cache, "");
  }

  /** Program that links objects, once {@link NativeMode#COMPILER} is loaded. */
  public static Path linker() {
    return load(NativeMode.COMPILER).resolve(TvmFiles.LINKER);
  }

  private static void link(Path folder) {
    String before = System.getProperty(LOAD_LIBRARIES);
    System.setProperty(LOAD_LIBRARIES, "false");
    try {
      System.load(folder.resolve(TvmFiles.ENTRY).toAbsolutePath().toString());
      for (String name : BINDING_CLASSES) {
        Class.forName(name);
      }
    } catch (UnsatisfiedLinkError | ClassNotFoundException e) {
      throw UserError.of(
              "RT0403", "cannot load the native libraries in %s: %s", folder, e.getMessage())
          .withHint(
              "delete this folder if its files are damaged; libstdc++ and glibc 2.27 or newer are needed")
          .causedBy(e);
    } finally {
      if (before == null) {
        System.clearProperty(LOAD_LIBRARIES);
      } else {
        System.setProperty(LOAD_LIBRARIES, before);
      }
    }
  }
}
