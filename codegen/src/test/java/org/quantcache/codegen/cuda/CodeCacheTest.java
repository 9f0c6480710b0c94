package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.cuda.CudaCompiler.Compiled;

class CodeCacheTest {
  private static final String KEY = "0a";
  private static final Compiled CODE =
      new Compiled(new byte[] {1, 2, 3, 4, 5}, List.of(new ResourceUsage("silu", 20, 256, 0)));

  @TempDir
  private Path folder;

  private CodeCache cache() {
    return new CodeCache(folder, 1 << 20);
  }

  private static void assertSame(Optional<Compiled> found, Compiled expected) {
    assertThat(found).isPresent();
    assertThat(found.get().code()).isEqualTo(expected.code());
    assertThat(found.get().usage()).isEqualTo(expected.usage());
  }

  @Test
  void whatIsKeptIsFoundByAnother() {
    assertThat(cache().find(KEY)).isEmpty();
    cache().keep(KEY, CODE);
    assertSame(cache().find(KEY), CODE);
    assertThat(cache().find("0b")).isEmpty();
    Compiled nothing = new Compiled(new byte[0], List.of());
    cache().keep(KEY, nothing);
    assertSame(cache().find(KEY), nothing);
  }

  @Test
  void noDamagedByteIsTrusted() throws IOException {
    cache().keep(KEY, CODE);
    byte[] whole = Files.readAllBytes(folder.resolve(KEY));
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 1;
      Files.write(folder.resolve(KEY), damaged);
      assertThat(cache().find(KEY)).as("byte %d", i).isEmpty();
      Files.write(folder.resolve(KEY), Arrays.copyOf(whole, i));
      assertThat(cache().find(KEY)).as("only %d bytes", i).isEmpty();
    }
    cache().keep(KEY, CODE);
    assertSame(cache().find(KEY), CODE);
  }

  @Test
  void codeUnderAnotherNameIsNotTrusted() throws IOException {
    cache().keep(KEY, CODE);
    Files.copy(folder.resolve(KEY), folder.resolve("0b"));
    assertThat(cache().find("0b")).isEmpty();
  }

  @Test
  void whatWasUsedLongestAgoLeaves() throws IOException {
    cache().keep("a", CODE);
    long entry = Files.size(folder.resolve("a"));
    CodeCache small = new CodeCache(folder, 3 * entry);
    small.keep("b", CODE);
    small.keep("c", CODE);
    for (String name : List.of("a", "b", "c")) {
      Files.setLastModifiedTime(folder.resolve(name), FileTime.fromMillis(1000 + name.charAt(0)));
    }
    small.find("a");
    small.keep("d", CODE);
    assertThat(names()).containsExactly("a", "c", "d");
  }

  @Test
  void codeAboveTheLimitLeavesAtOnce() throws IOException {
    new CodeCache(folder, 10).keep(KEY, CODE);
    assertThat(names()).isEmpty();
  }

  @Test
  void aFolderThatCannotBeIsNoFailure() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    CodeCache cache = new CodeCache(file.resolve("cache"), 1 << 20);
    cache.keep(KEY, CODE);
    assertThat(cache.find(KEY)).isEmpty();
  }

  @Test
  void writersAtTheSameTimeNeverShowHalfAnEntry() throws IOException {
    byte[] large = new byte[1 << 16];
    Arrays.fill(large, (byte) 7);
    Compiled code = new Compiled(large, CODE.usage());
    cache().keep(KEY, code);
    IntStream.range(0, 200).parallel().forEach(i -> {
      if (i % 2 == 0) {
        cache().keep(KEY, code);
      } else {
        assertSame(cache().find(KEY), code);
      }
    });
    assertThat(names()).containsExactly(KEY);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
