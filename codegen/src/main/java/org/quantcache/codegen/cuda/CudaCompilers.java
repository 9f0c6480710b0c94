package org.quantcache.codegen.cuda;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Which compiler makes code for cards: NVRTC where system property {@value #NVRTC} names its folder, nvcc, any NVRTC, else clang
 * out of a jar.
 */
public final class CudaCompilers {
  static final String NVRTC = "quantcache.nvrtc";

  private static final Path INSTALLATIONS = Path.of("/usr/local");

  private CudaCompilers() {}

  /** The compiler of this machine. @throws UserError CG0402 when the folder that was named holds none */
  public static Optional<CudaCompiler> find() {
    return find(System.getenv(), System.getProperty(NVRTC, ""), INSTALLATIONS);
  }

  /**
   * A compiler that may be on a machine.
   *
   * @param name what it is
   * @param cards which cards it makes code for
   * @param compiler empty where it is not there
   * @param fix how to get it
   */
  public record Candidate(String name, String cards, Optional<CudaCompiler> compiler, String fix) {}

  /** All compilers that are looked for, the preferred one first. */
  public static List<Candidate> candidates() {
    Map<String, String> environment = System.getenv();
    return List.of(
        new Candidate(
            "nvcc",
            "cards of its version",
            Nvcc.find(environment).map(found -> found),
            "install the CUDA toolkit with nvcc on the path, or set CUDA_HOME"),
        new Candidate(
            "NVRTC",
            "cards of its version",
            Nvrtc.find(environment, INSTALLATIONS).map(found -> found),
            "set CUDA_HOME to the folder of a toolkit for CUDA 12, or name a folder with libnvrtc.so.12 by -D"
                + NVRTC + "=FOLDER"),
        new Candidate(
            "clang and ptxas of a jar",
            "cards up to sm_90a",
            Clang.find().map(found -> found),
            "there is none for this platform; use Linux on x86-64"));
  }

  /** What to do where there is none. */
  public static String hint() {
    return "install the CUDA toolkit with nvcc on the path; or set CUDA_HOME to the folder of a toolkit; or name a folder"
        + " with libnvrtc.so.12 and its builtins by -D" + NVRTC + "=FOLDER";
  }

  static Optional<CudaCompiler> find(
      Map<String, String> environment, String nvrtc, Path installations) {
    if (!nvrtc.isEmpty()) {
      return Optional.of(Nvrtc.in(Path.of(nvrtc)));
    }
    Optional<CudaCompiler> nvcc = Nvcc.find(environment).map(found -> found);
    return nvcc.or(() -> Nvrtc.find(environment, installations).map(found -> found))
        .or(() -> Clang.find().map(found -> found));
  }

  /** The compiler of this machine, which remembers. @throws UserError CG0402 */
  static CachedCompiler require() {
    return require(find());
  }

  static CachedCompiler require(Optional<CudaCompiler> found) {
    return found
        .map(compiler -> new CachedCompiler(compiler, CodeCache.ofUser()))
        .orElseThrow(() ->
            UserError.of("CG0402", "no compiler for CUDA on this machine").withHint("%s", hint()));
  }
}
