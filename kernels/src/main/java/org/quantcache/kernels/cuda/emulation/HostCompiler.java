package org.quantcache.kernels.cuda.emulation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;

/** The C++ compiler of the machine: {@code CXX} of the environment, else {@code g++}. */
final class HostCompiler {
  private static final List<String> OPTIONS = List.of(
      "-std=c++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-Wno-unknown-pragmas");

  private HostCompiler() {}

  private static String command() {
    String chosen = System.getenv().getOrDefault("CXX", "");
    return chosen.isEmpty() ? "g++" : chosen;
  }

  /** First line of what it says of its version; empty when there is none. */
  static Optional<String> version() {
    try {
      Process process =
          new ProcessBuilder(command(), "--version").redirectErrorStream(true).start();
      String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return waitFor(process) == 0 ? told.lines().findFirst() : Optional.empty();
    } catch (IOException e) {
      // Nothing to start is nothing to tell.
      return Optional.empty();
    }
  }

  /** What a library is made from beside its source, as a text. */
  static String identity(List<String> options) {
    return command() + " " + String.join(" ", OPTIONS) + " " + String.join(" ", options);
  }

  /**
   * Builds a shared library.
   *
   * @throws UserError RT0511 when there is no compiler, RT0512 when it refuses the source
   */
  static void build(Path source, Path library, List<String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(command());
    command.addAll(OPTIONS);
    command.addAll(List.of(source.toString(), "-o", library.toString()));
    command.addAll(options);
    Process process;
    try {
      process = new ProcessBuilder(command)
          .directory(source.getParent().toFile())
          .redirectErrorStream(true)
          .start();
    } catch (IOException e) {
      throw UserError.of("RT0511", "no C++ compiler: %s cannot be started", command())
          .withHint("install g++, or name another compiler in the environment variable CXX")
          .causedBy(e);
    }
    String messages = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (waitFor(process) != 0 || !Files.isRegularFile(library)) {
      throw UserError.of(
          "RT0512", "%s refuses %s: %s", command(), source.getFileName(), firstError(messages));
    }
  }

  private static int waitFor(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the compiler ran", e);
    }
  }

  private static String firstError(String messages) {
    return messages
        .lines()
        .filter(line -> line.contains("error"))
        .findFirst()
        .orElse(messages.strip());
  }
}
