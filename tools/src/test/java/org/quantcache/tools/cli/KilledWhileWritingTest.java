package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it writes leaves the file that was there. */
@Tag("slow")
class KilledWhileWritingTest {
  private static final int SECONDS_TO_WRITE = 60;

  @TempDir
  private Path folder;

  @Test
  void killedCompilationLeavesTheOldArtifactAndTheNextOneSucceeds() throws Exception {
    Path model = folder.resolve("model");
    // About 50 MB: long enough in the writing to be caught at it.
    CommandRun.of(
            "synth-model",
            model.toString(),
            "--set",
            "hidden_size=512",
            "--set",
            "num_heads=8",
            "--set",
            "depth=3")
        .assertWorked();
    OldFile old = OldFile.in(folder, "model.qca");
    List<String> command = List.of(
        "compile",
        model.toString(),
        "--target",
        "reference",
        "--latent",
        "2,4,4",
        "-o",
        old.toString());

    killWhileWriting(command, old.path());

    old.assertContent();
    List<String> leftovers = namesBeside(old.path());
    CommandRun.of(command).assertWorked();
    CommandRun.of("inspect", old.toString()).assertWorked();
    assertThat(namesBeside(old.path())).isEqualTo(leftovers);
  }

  private static void killWhileWriting(List<String> command, Path target) throws Exception {
    List<String> all = Stream.concat(
            Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Qcc.class.getName()),
            command.stream())
        .toList();
    Process process = new ProcessBuilder(all)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_WRITE);
      while (!isWriting(target) && process.isAlive() && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      boolean caught = process.isAlive() && isWriting(target);
      process.destroyForcibly();
      assertThat(process.waitFor(SECONDS_TO_WRITE, TimeUnit.SECONDS)).isTrue();
      assertThat(caught).as("killed while it wrote").isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The file written aside has content. */
  private static boolean isWriting(Path target) {
    File[] aside = target.getParent().toFile().listFiles((at, name) -> name.endsWith(".part"));
    return aside != null && aside.length > 0 && aside[0].length() > 0;
  }

  private static List<String> namesBeside(Path target) throws IOException {
    try (Stream<Path> files = Files.list(target.getParent())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
