package org.quantcache.codegen.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.quantcache.ir.diagnostics.UserError;

/** NVIDIA's compiler, which generates code for cards that are not there. */
public final class Nvcc {
  /** Cards that are not known yet translate this form themselves. */
  private static final String VIRTUAL = "compute_80";

  private final Path program;

  private Nvcc(Path program) {
    this.program = program;
  }

  /**
   * What came out.
   *
   * @param code cubin or PTX
   * @param usage of each kernel; empty for PTX
   */
  record Compiled(byte[] code, List<ResourceUsage> usage) {}

  /** The compiler of this machine: on the path, or in the folder that {@code CUDA_HOME} or {@code CUDA_PATH} names. */
  public static Optional<Nvcc> find() {
    Map<String, String> variables = System.getenv();
    List<Path> folders = new ArrayList<>();
    for (String folder : variables.getOrDefault("PATH", "").split(File.pathSeparator)) {
      folders.add(Path.of(folder));
    }
    for (String home : List.of("CUDA_HOME", "CUDA_PATH")) {
      Optional.ofNullable(variables.get(home))
          .map(Path::of)
          .map(p -> p.resolve("bin"))
          .ifPresent(folders::add);
    }
    return folders.stream()
        .map(folder -> folder.resolve("nvcc"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Nvcc::new);
  }

  /** The compiler of this machine. @throws UserError CG0402 when there is none */
  static Nvcc require() {
    return find()
        .orElseThrow(() -> UserError.of("CG0402", "no nvcc on this machine")
            .withHint("install the CUDA toolkit, or set CUDA_HOME to its folder"));
  }

  /** Where it is. */
  @Override
  public String toString() {
    return program.toString();
  }

  /** Machine code for a card. @throws UserError CG0403 */
  Compiled cubin(String source, String architecture) {
    return run(source, List.of("-cubin", "-arch=" + architecture, "-Xptxas", "-v"));
  }

  /** Code that drivers translate. @throws UserError CG0403 */
  byte[] ptx(String source) {
    return run(source, List.of("-ptx", "-arch=" + VIRTUAL)).code();
  }

  private Compiled run(String source, List<String> options) {
    try {
      Path folder = Files.createTempDirectory("qcc-cuda");
      try {
        return run(folder, source, options);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw UserError.of("CG0103", "cannot write a temporary file: %s", e.getMessage())
          .causedBy(e);
    }
  }

  private Compiled run(Path folder, String source, List<String> options) throws IOException {
    Path input = folder.resolve("kernels.cu");
    Path output = folder.resolve("kernels.out");
    Path messages = folder.resolve("messages.txt");
    Files.writeString(input, source);
    List<String> command = new ArrayList<>(List.of(program.toString(), "-std=c++17", "-O3"));
    command.addAll(options);
    command.addAll(List.of("-o", output.toString(), input.toString()));
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(messages.toFile())
        .start();
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw UserError.of("CG0403", "nvcc was interrupted").causedBy(e);
    }
    String told = Files.readString(messages);
    if (status != 0) {
      throw UserError.of("CG0403", "nvcc refuses the kernels (%s): %s", options.get(1), first(told))
          .withHint("this is a fault of the compiler, or nvcc is older than the architecture");
    }
    return new Compiled(Files.readAllBytes(output), ResourceUsage.parse(told));
  }

  private static String first(String messages) {
    return messages
        .lines()
        .filter(line -> line.contains("error"))
        .findFirst()
        .orElse(messages.strip());
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
