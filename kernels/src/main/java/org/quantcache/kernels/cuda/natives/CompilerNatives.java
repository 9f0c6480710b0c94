package org.quantcache.kernels.cuda.natives;

import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;

/** Loads NVIDIA's compilers that are libraries, once a process. None of them needs a driver or a card. */
public final class CompilerNatives {
  private static boolean nvrtc;
  private static boolean ptxCompiler;

  private CompilerNatives() {}

  /**
   * Loads NVRTC and JCuda's binding of it; does nothing when one is there.
   *
   * @param builtins device code that NVRTC looks for in a folder of its own choice, unless it is there before
   * @throws UserError RT0403 when the system refuses to load one of them, RT0401 or RT0402 for the binding
   */
  public static synchronized void loadNvrtc(Path builtins, Path library) {
    if (nvrtc) {
      return;
    }
    try {
      System.load(builtins.toAbsolutePath().toString());
      System.load(library.toAbsolutePath().toString());
      JCudaLibrary.load("JNvrtc", "jcuda.nvrtc.JNvrtc");
    } catch (UnsatisfiedLinkError e) {
      throw UserError.of("RT0403", "cannot load NVRTC of %s: %s", library, e.getMessage())
          .withHint("it must be that of CUDA 12 for linux-x86_64, with glibc 2.29 or newer")
          .causedBy(e);
    }
    nvrtc = true;
  }

  /**
   * Loads the assembler of PTX inside of JCuda's natives; does nothing when it is there.
   *
   * @throws UserError RT0401 without natives for this platform, RT0402 when they cannot be extracted, RT0403 when the
   *     system refuses to load them
   */
  public static synchronized void loadPtxCompiler() {
    if (ptxCompiler) {
      return;
    }
    try {
      JCudaLibrary.load("JNvPTXCompiler", "jcuda.nvptxcompiler.JNvPTXCompiler");
    } catch (UnsatisfiedLinkError e) {
      throw JCudaLibrary.refused(e);
    }
    ptxCompiler = true;
  }
}
