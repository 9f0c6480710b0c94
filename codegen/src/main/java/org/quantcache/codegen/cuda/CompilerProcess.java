package org.quantcache.codegen.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.quantcache.ir.diagnostics.UserError;

/** A compiler that is a program, in a temporary folder of its own. */
final class CompilerProcess {
  private CompilerProcess() {}

  /** How it ended, and what it said. */
  record Told(int status, String messages) {}

  /** Work in a folder. */
  @FunctionalInterface
  interface Work<T> {
    T in(Path folder) throws IOException;
  }

  /** Work in a folder that is removed afterwards. @throws UserError CG0103 */
  static <T> T inFolder(Work<T> work) {
    try {
      Path folder = Files.createTempDirectory("qcc-cuda");
      try {
        return work.in(folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw UserError.of("CG0103", "cannot write a temporary file: %s", e.getMessage())
          .withHint("check the temporary folder with: qcc doctor")
          .causedBy(e);
    }
  }

  /**
   * Runs to the end.
   *
   * @param variables of the environment that are added
   * @throws UserError CG0403 when this thread is interrupted
   */
  static Told run(Path folder, List<String> command, Map<String, String> variables)
      throws IOException {
    Path messages = folder.resolve("messages.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(messages.toFile());
    builder.environment().putAll(variables);
    Process process = builder.start();
    try {
      return new Told(process.waitFor(), Files.readString(messages));
    } catch (InterruptedException e) {
      // The programs that it runs would go on without it, and write into a folder that is gone.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().join();
      Thread.currentThread().interrupt();
      throw UserError.of("CG0403", "%s was interrupted", command.get(0)).causedBy(e);
    }
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
