package org.quantcache.kernels.cpu.natives;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One file of the folder that the native libraries are loaded from.
 *
 * @param name name in the folder; what other libraries ask for
 * @param resource where it comes from on the class path; empty when it is written as an empty library
 * @param executable whether it is a program
 */
record NativeFile(String name, String resource, boolean executable) {
  private static final String TVM = "/org/bytedeco/tvm/";
  private static final String LLVM = "/org/bytedeco/llvm/";
  private static final String OPENBLAS = "/org/bytedeco/openblas/";

  /** Size of the resource, and a text that changes with its content. */
  record Stamp(long bytes, String text) {}

  /** Name of the JNI library; loading it loads the others. */
  static final String ENTRY = "libjnitvm_runtime.so";

  /** Name of the linker in the folder of {@link NativeMode#COMPILER}. */
  static final String LINKER = "lld";

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
    if (NativeFile.class.getResource(OPENBLAS + platform + "/libopenblas.so.0") == null) {
      files.add(empty("libopenblas.so.0"));
    } else {
      for (String name : List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0")) {
        files.add(library(name, OPENBLAS + platform + "/" + name));
      }
    }
    return files;
  }

  /** JavaCPP's name of the platform of this process. */
  static String platform() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String name =
        system.startsWith("mac") ? "macosx" : system.startsWith("windows") ? "windows" : system;
    String arch = System.getProperty("os.arch", "");
    return name + "-" + (arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm64" : arch);
  }

  /** Size and identity of the resource. Empty when it is not on the class path. */
  Optional<Stamp> stamp() throws IOException {
    if (resource.isEmpty()) {
      return Optional.of(new Stamp(EmptyLibrary.bytes(name).length, name + ":empty"));
    }
    URL url = NativeFile.class.getResource(resource);
    if (url == null) {
      return Optional.empty();
    }
    URLConnection connection = url.openConnection();
    long bytes = connection.getContentLengthLong();
    String check = connection instanceof JarURLConnection jar
        ? Long.toHexString(jar.getJarEntry().getCrc())
        : Long.toHexString(connection.getLastModified());
    return Optional.of(new Stamp(bytes, name + ":" + bytes + ":" + check));
  }

  private static NativeFile library(String name, String resource) {
    return new NativeFile(name, resource, false);
  }

  private static NativeFile empty(String name) {
    return new NativeFile(name, "", false);
  }
}
