package org.quantcache.ir.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileKillTest {
  @TempDir
  Path folder;

  @Test
  void anInterruptedProcessLeavesTheOldFileAndNothingBeside() throws Exception {
    Path target = interruptedWrite(Process::destroy);
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("target");
  }

  @Test
  void aKilledProcessLeavesTheOldFileAndTheNextWriteSucceeds() throws Exception {
    Path target = interruptedWrite(Process::destroyForcibly);
    assertThat(target).hasContent("old");
    AtomicFile.write(target, "new".getBytes(StandardCharsets.UTF_8));
    assertThat(target).hasContent("new");
  }

  private interface End {
    void of(Process process);
  }

  /** Ends a process in the middle of its write. */
  private Path interruptedWrite(End end) throws Exception {
    Path target = Files.writeString(folder.resolve("target"), "old");
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            HalfWriter.class.getName(),
            target.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    try (BufferedReader output = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(output.readLine()).isEqualTo("half");
      assertThat(names()).hasSize(2);
      end.of(process);
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return target;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Writes half of a file, says so, and waits to be ended. */
  static final class HalfWriter {
    private HalfWriter() {}

    public static void main(String[] arguments) {
      AtomicFile.write(Path.of(arguments[0]), channel -> {
        channel.write(ByteBuffer.wrap(new byte[1000]));
        System.out.println("half");
        try {
          Thread.sleep(60_000);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      });
    }
  }
}
