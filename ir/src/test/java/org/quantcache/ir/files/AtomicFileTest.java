package org.quantcache.ir.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;

final class AtomicFileTest {
  @TempDir
  Path folder;

  @Test
  void aFileIsWrittenWholeAndNothingIsLeftBeside() throws IOException {
    Path target = folder.resolve("a.txt");
    AtomicFile.write(target, bytes("first"));
    AtomicFile.write(target, bytes("second"));
    assertThat(target).hasContent("second");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void theOldFileIsInPlaceWhileTheNewOneIsWritten() throws IOException {
    Path target = folder.resolve("a.txt");
    AtomicFile.write(target, bytes("old"));
    AtomicFile.write(target, channel -> {
      channel.write(ByteBuffer.wrap(bytes("new")));
      assertThat(target).hasContent("old");
    });
    assertThat(target).hasContent("new");
  }

  @Test
  void afterAFullDiskTheOldFileStandsAndNothingIsLeftBeside() throws IOException {
    Path target = folder.resolve("a.txt");
    AtomicFile.write(target, bytes("old"));
    assertThatThrownBy(() -> AtomicFile.write(target, channel -> {
          channel.write(ByteBuffer.wrap(bytes("half")));
          throw new IOException("No space left on device");
        }))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("RT0301");
          assertThat(e.report()).contains("No space left on device").contains("free space");
        });
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void anyOtherFailureOfTheBodyPassesThroughAndNothingIsLeftBeside() throws IOException {
    assertThatThrownBy(() -> AtomicFile.write(folder.resolve("a.txt"), channel -> {
          throw new IllegalStateException("stop");
        }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(names()).isEmpty();
  }

  @Test
  void aTargetThatCannotBeWrittenIsACodedError() {
    for (Path target : List.of(folder, folder.resolve("absent/a.txt"), Path.of("/"))) {
      assertThatThrownBy(() -> AtomicFile.write(target, bytes("x")))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0301"));
    }
  }

  @Test
  void aPipeIsNotReplacedByAFile() throws Exception {
    Path pipe = folder.resolve("pipe");
    assumeThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> AtomicFile.write(pipe, new byte[] {1}))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("it is a device or a pipe");
    assertThat(Files.exists(pipe) && !Files.isRegularFile(pipe)).isTrue();
  }

  @Test
  void aNameAsLongAsTheFileSystemAllowsIsWritten() throws IOException {
    String name = "n".repeat(255);
    AtomicFile.write(folder.resolve(name), bytes("x"));
    assertThat(names()).containsExactly(name);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
