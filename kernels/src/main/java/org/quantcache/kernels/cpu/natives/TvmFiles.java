package org.quantcache.kernels.cpu.natives;

import static org.quantcache.kernels.natives.NativeFile.empty;
import static org.quantcache.kernels.natives.NativeFile.library;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.kernels.natives.NativeFile;

/** The files that TVM is loaded from. */
final class TvmFiles {
  private static final String TVM = "/org/bytedeco/tvm/";
  private static final String LLVM = "/org/bytedeco/llvm/";
  private static final String OPENBLAS = "/org/bytedeco/openblas/";

  /** Name of the JNI library; loading it loads the others. */
  static final String ENTRY = "libjnitvm_runtime.so";

  /** Name of the linker in the folder of {@link NativeMode#COMPILER}. */
  static final String LINKER = "lld";

  private TvmFiles() {}

  /** The files that a mode needs on a platform such as {@code linux-x86_64}. */
  static List<NativeFile> of(NativeMode mode, String platform) {
    List<NativeFile> files = new ArrayList<>();
    files.add(library(ENTRY, TVM + platform + "/" + ENTRY));
    // TVM names these as dependencies and never calls them here; a library without content
    // satisfies the loader.
    files.add(empty("libOpenCL.so.1"));
    files.add(empty("libdnnl.so.2"));
    if (mode == NativeMode.RUNTIME) {
      files.add(library("libtvm_runtime.so", TVM + platform + "/libtvm_runtime.so"));
      files.add(empty("libopenblas.so.0"));
      return files;
    }
    // The JNI library asks for libtvm_runtime.so; under this name it gets the compiler, which holds
    // the runtime.
    files.add(library("libtvm_runtime.so", TVM + platform + "/python/tvm/libtvm.so"));
    files.add(library("libLLVM.so.19.1", LLVM + platform + "/libLLVM.so.19.1"));
    files.add(new NativeFile(LINKER, LLVM + platform + "/lld", true));
    if (TvmFiles.class.getResource(OPENBLAS + platform + "/libopenblas.so.0") == null) {
      files.add(empty("libopenblas.so.0"));
    } else {
      for (String name : List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0")) {
        files.add(library(name, OPENBLAS + platform + "/" + name));
      }
    }
    return files;
  }
}
