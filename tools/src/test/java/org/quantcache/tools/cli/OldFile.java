package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A file at the place where a command is to write, alone in its folder. */
record OldFile(Path path) {
  private static final byte[] CONTENT = "what was here before".getBytes(StandardCharsets.UTF_8);

  /** Makes the file {@code name} in a new folder below {@code parent}. */
  static OldFile in(Path parent, String name) {
    try {
      Path folder = Files.createTempDirectory(parent, "out");
      return new OldFile(Files.write(folder.resolve(name), CONTENT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It holds what it held, and nothing lies beside it. */
  void assertIntact() {
    try (Stream<Path> files = Files.list(path.getParent())) {
      assertThat(files).containsExactly(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertContent();
  }

  /** It holds what it held. */
  void assertContent() {
    assertThat(path).hasBinaryContent(CONTENT);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
