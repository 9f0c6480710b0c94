package org.quantcache.tools.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.quantcache.ir.diagnostics.UserError;

/** A command of the shell that looks at the text of a module, in a file that is there while it runs. */
public final class ModuleCommand {
  /** What stands for the file; without it the file is the last argument. */
  public static final String FILE = "%s";

  private final String command;

  /** @param command of the shell */
  public ModuleCommand(String command) {
    this.command = command;
  }

  /**
   * How the command ended.
   *
   * @param exit its exit status
   * @param output what it printed, errors included
   */
  public record Outcome(int exit, String output) {}

  /**
   * Runs the command.
   *
   * @param text of the module
   * @param seconds after which it is stopped
   * @return empty when it was stopped
   * @throws IOException when there is no shell, or no room for the files
   * @throws UserError CL0201 when there is no temporary folder
   */
  public Optional<Outcome> run(String text, long seconds) throws IOException {
    Path folder = temporaryFolder();
    try {
      Path file = Files.writeString(folder.resolve("module.qir"), text);
      Path output = folder.resolve("output.txt");
      Process process = new ProcessBuilder("sh", "-c", line(file))
          .redirectErrorStream(true)
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .redirectOutput(output.toFile())
          .start();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        stop(process);
        return Optional.empty();
      }
      String printed = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
      return Optional.of(new Outcome(process.exitValue(), printed));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the command ran", e);
    } finally {
      delete(folder);
    }
  }

  private String line(Path file) {
    String quoted = "'" + file.toString().replace("'", "'\\''") + "'";
    return command.contains(FILE) ? command.replace(FILE, quoted) : command + " " + quoted;
  }

  private static void stop(Process process) throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("qcc");
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot make a temporary folder: %s", e.getMessage())
          .withHint("check the temporary folder with: qcc doctor")
          .causedBy(e);
    }
  }

  private static void delete(Path folder) {
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
