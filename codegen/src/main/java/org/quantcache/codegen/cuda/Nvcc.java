package org.quantcache.codegen.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.codegen.cuda.CompilerProcess.Told;
import org.quantcache.ir.diagnostics.UserError;

/** NVIDIA's compiler as a program. */
final class Nvcc implements CudaCompiler {
  private static final List<String> OPTIONS = List.of("-std=c++17", "-O3");

  /** Options that nvcc takes from the environment. */
  private static final List<String> VARIABLES = List.of("NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS");

  private static final Pattern VERSION = Pattern.compile("\\bV(\\d+(\\.\\d+)+)");

  private final Path program;
  private final String inherited;
  private String version = "";

  private Nvcc(Path program, String inherited) {
    this.program = program;
    this.inherited = inherited;
  }

  /** The one on the path, or in the folder that {@code CUDA_HOME} or {@code CUDA_PATH} names. */
  static Optional<Nvcc> find(Map<String, String> environment) {
    List<Path> folders = new ArrayList<>();
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      folders.add(Path.of(folder));
    }
    for (String home : List.of("CUDA_HOME", "CUDA_PATH")) {
      Optional.ofNullable(environment.get(home))
          .map(Path::of)
          .map(p -> p.resolve("bin"))
          .ifPresent(folders::add);
    }
    List<String> inherited = VARIABLES.stream()
        .map(variable -> environment.getOrDefault(variable, ""))
        .toList();
    return folders.stream()
        .map(folder -> folder.resolve("nvcc"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Nvcc(program, String.join(" ", inherited)));
  }

  /** Where it is. */
  @Override
  public String toString() {
    return program.toString();
  }

  @Override
  public synchronized String version() {
    if (version.isEmpty()) {
      Told told = CompilerProcess.inFolder(folder -> run(folder, List.of("--version")));
      Matcher number = VERSION.matcher(told.messages());
      if (told.status() != 0 || !number.find()) {
        throw UserError.of("CG0402", "%s does not tell its version: %s", program, told.messages())
            .withHint("%s", CudaCompilers.hint());
      }
      version = "nvcc " + number.group(1);
    }
    return version;
  }

  @Override
  public String identity() {
    return version() + " " + String.join(" ", OPTIONS) + " " + inherited;
  }

  @Override
  public boolean knowsWarpgroups() {
    return CudaCompiler.isWithWarpgroups(version());
  }

  @Override
  public Compiled cubin(String source, String architecture) {
    return compile(source, architecture, List.of("-cubin", "-Xptxas", "-v"));
  }

  @Override
  public byte[] ptx(String source) {
    return compile(source, VIRTUAL, List.of("-ptx")).code();
  }

  private Compiled compile(String source, String architecture, List<String> kind) {
    return CompilerProcess.inFolder(folder -> {
      Path input = folder.resolve("kernels.cu");
      Path output = folder.resolve("kernels.out");
      Files.writeString(input, source);
      List<String> arguments = new ArrayList<>(OPTIONS);
      arguments.addAll(kind);
      arguments.addAll(List.of("-arch=" + architecture, "-o", output.toString(), input.toString()));
      Told told = run(folder, arguments);
      if (told.status() != 0) {
        throw CompilerMessages.refused(version(), architecture, told.messages());
      }
      return new Compiled(Files.readAllBytes(output), ResourceUsage.parse(told.messages()));
    });
  }

  private Told run(Path folder, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    return CompilerProcess.run(folder, command, Map.of());
  }
}
