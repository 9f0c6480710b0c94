package org.quantcache.tools.reduce;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Runs a command of the shell on a module. The module is of interest when the command fails, or when it prints a text
 * that was given, so that one failure does not turn into another one. A command that takes too long is stopped, and shows
 * nothing.
 */
public final class CommandInterest implements Interest, AutoCloseable {
  private static final String FILE = "%s";

  private final String command;
  private final Optional<String> expected;
  private final long seconds;
  private final Path folder;

  /**
   * Checks by a command.
   *
   * @param command with {@code %s} for the file, else the file is its last argument
   * @param expected text that its output holds; empty where it has to fail
   * @param seconds after which it is stopped
   * @throws UserError CL0201 when there is no temporary folder
   */
  public CommandInterest(String command, Optional<String> expected, long seconds) {
    this.command = command;
    this.expected = expected;
    this.seconds = seconds;
    try {
      this.folder = Files.createTempDirectory("qcc-reduce");
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot make a temporary folder: %s", e.getMessage())
          .causedBy(e);
    }
  }

  @Override
  public boolean holds(IrModule module, String text) {
    Path file = folder.resolve("module.qir");
    Path output = folder.resolve("output.txt");
    try {
      Files.writeString(file, text);
      String quoted = "'" + file.toString().replace("'", "'\\''") + "'";
      String line = command.contains(FILE) ? command.replace(FILE, quoted) : command + " " + quoted;
      Process process = new ProcessBuilder("sh", "-c", line)
          .redirectErrorStream(true)
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .redirectOutput(output.toFile())
          .start();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        stop(process);
        return false;
      }
      return expected.isPresent()
          ? new String(Files.readAllBytes(output), StandardCharsets.UTF_8).contains(expected.get())
          : process.exitValue() != 0;
    } catch (IOException e) {
      throw UserError.of("CL0743", "the check cannot be run: %s", e.getMessage())
          .withHint("--test takes a command of the shell, which needs 'sh' and room for files")
          .causedBy(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UserError.of("CL0743", "interrupted while the check ran").causedBy(e);
    }
  }

  private static void stop(Process process) throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot remove %s: %s", folder, e.getMessage())
          .causedBy(e);
    }
  }
}
