package org.quantcache.kernels.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
  private static final String FILE = "library";

  @TempDir
  private Path folder;

  private Path make(String name, NativeCache.Filler before) throws IOException {
    return new NativeCache(folder)
        .make(name, made -> Files.isRegularFile(made.resolve(FILE)), made -> {
          before.fill(made);
          Files.writeString(made.resolve(FILE), name);
        });
  }

  @Test
  void aSubfolderIsFilledOnce() throws IOException {
    List<Path> filled = new ArrayList<>();
    assertThat(make("one", filled::add)).isEqualTo(make("one", filled::add));
    assertThat(filled).hasSize(1);
    assertThat(folder.resolve("one").resolve(FILE)).hasContent("one");
  }

  /** A lock on all of the file could not be taken again. */
  @Test
  void anotherSubfolderIsMadeMeanwhile() throws IOException {
    make("one", made -> make("two", inner -> {}));
    assertThat(folder.resolve("one").resolve(FILE)).hasContent("one");
    assertThat(folder.resolve("two").resolve(FILE)).hasContent("two");
  }
}
