package org.quantcache.codegen.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.natives.CompilerNatives;

/** NVIDIA's compiler as a library of CUDA 12: no other program, header or C++ compiler is needed. */
final class Nvrtc implements CudaCompiler {
  private static final String LIBRARY = "libnvrtc.so.12";
  private static final String BUILTINS = "libnvrtc-builtins.so.12.";
  private static final List<String> OPTIONS = List.of("--std=c++17", "--ptxas-options=-v");

  private final Path library;
  private final Path builtins;

  private Nvrtc(Path library, Path builtins) {
    this.library = library;
    this.builtins = builtins;
  }

  /** The one in a folder. @throws UserError CG0402 when a library is missing */
  static Nvrtc in(Path folder) {
    Path library = folder.resolve(LIBRARY);
    Optional<Path> builtins = builtins(folder);
    if (!Files.isRegularFile(library) || builtins.isEmpty()) {
      throw UserError.of(
              "CG0402",
              "%s holds no %s",
              folder,
              Files.isRegularFile(library) ? BUILTINS + "*, which " + LIBRARY + " needs" : LIBRARY)
          .withHint("%s", CudaCompilers.hint());
    }
    return new Nvrtc(library, builtins.get());
  }

  /**
   * The one of a toolkit: in the folder that {@code CUDA_HOME} or {@code CUDA_PATH} names, or the newest
   * {@code cuda-12*} of {@code installations}.
   */
  static Optional<Nvrtc> find(Map<String, String> environment, Path installations) {
    List<Path> homes = new ArrayList<>();
    for (String home : List.of("CUDA_HOME", "CUDA_PATH")) {
      Optional.ofNullable(environment.get(home)).map(Path::of).ifPresent(homes::add);
    }
    homes.addAll(files(installations, "cuda-12"));
    return homes.stream()
        .map(home -> home.resolve("lib64"))
        .filter(folder -> Files.isRegularFile(folder.resolve(LIBRARY)))
        .filter(folder -> builtins(folder).isPresent())
        .findFirst()
        .map(Nvrtc::in);
  }

  private static Optional<Path> builtins(Path folder) {
    return files(folder, BUILTINS).stream().findFirst();
  }

  /** Files of a folder whose names start so, the newest version first: 12.10 comes after 12.9. */
  private static List<Path> files(Path folder, String start) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      Comparator<Path> byLength =
          Comparator.comparingInt(file -> file.getFileName().toString().length());
      return files
          .filter(file -> file.getFileName().toString().startsWith(start))
          .sorted(byLength.thenComparing(Comparator.naturalOrder()).reversed())
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Where it is. */
  @Override
  public String toString() {
    return library.toString();
  }

  @Override
  public String version() {
    load();
    int[] major = {0};
    int[] minor = {0};
    require(JNvrtc.nvrtcVersion(major, minor));
    return "NVRTC " + major[0] + "." + minor[0];
  }

  @Override
  public String identity() {
    return version() + " " + String.join(" ", OPTIONS);
  }

  @Override
  public boolean knowsWarpgroups() {
    return CudaCompiler.isWithWarpgroups(version());
  }

  @Override
  public Compiled cubin(String source, String architecture) {
    return compile(source, architecture, (program, messages) -> {
      long[] bytes = {0};
      require(JNvrtc.nvrtcGetCUBINSize(program, bytes));
      byte[] code = new byte[Math.toIntExact(bytes[0])];
      require(JNvrtc.nvrtcGetCUBIN(program, code));
      return new Compiled(code, ResourceUsage.parse(messages));
    });
  }

  @Override
  public byte[] ptx(String source) {
    return compile(source, VIRTUAL, (program, messages) -> {
          String[] text = {""};
          require(JNvrtc.nvrtcGetPTX(program, text));
          return new Compiled(text[0].getBytes(StandardCharsets.US_ASCII), List.of());
        })
        .code();
  }

  @FunctionalInterface
  private interface Result {
    Compiled of(nvrtcProgram program, String messages);
  }

  private Compiled compile(String source, String architecture, Result result) {
    load();
    nvrtcProgram program = new nvrtcProgram();
    require(JNvrtc.nvrtcCreateProgram(program, source, "kernels.cu", 0, null, null));
    try {
      List<String> options = new ArrayList<>(OPTIONS);
      options.add("--gpu-architecture=" + architecture);
      int status =
          JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(new String[0]));
      String[] messages = {""};
      require(JNvrtc.nvrtcGetProgramLog(program, messages));
      if (status != nvrtcResult.NVRTC_SUCCESS) {
        String told = messages[0].isBlank() ? nvrtcResult.stringFor(status) : messages[0];
        throw CompilerMessages.refused(version(), architecture, told);
      }
      return result.of(program, messages[0]);
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  private void load() {
    CompilerNatives.loadNvrtc(builtins, library);
  }

  private static void require(int status) {
    if (status != nvrtcResult.NVRTC_SUCCESS) {
      throw UserError.of("CG0403", "NVRTC fails: %s", nvrtcResult.stringFor(status));
    }
  }
}
