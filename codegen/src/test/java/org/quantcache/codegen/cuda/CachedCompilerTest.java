package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;

class CachedCompilerTest {
  @TempDir
  private Path folder;

  /** Makes its question into code and writes down what it was asked. */
  private static final class Recorder implements CudaCompiler {
    private final String identity;
    private final List<String> asked;

    Recorder(String identity, List<String> asked) {
      this.identity = identity;
      this.asked = asked;
    }

    @Override
    public String version() {
      return "recorder";
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public boolean knowsWarpgroups() {
      return false;
    }

    @Override
    public Compiled cubin(String source, String architecture) {
      if (source.equals("broken")) {
        asked.add(source);
        throw UserError.of("CG0403", "refused");
      }
      String text = identity + "|" + architecture + "|" + source;
      asked.add(text);
      return new Compiled(
          text.getBytes(StandardCharsets.UTF_8), List.of(new ResourceUsage("a", 1, 2, 3)));
    }

    @Override
    public byte[] ptx(String source) {
      asked.add(source);
      return source.getBytes(StandardCharsets.UTF_8);
    }
  }

  private CachedCompiler compiler(String identity, List<String> asked) {
    return new CachedCompiler(new Recorder(identity, asked), new CodeCache(folder, 1 << 20));
  }

  @Test
  void theSameIsMadeOnceAndWhateverDiffersIsMadeAnew() {
    List<String> asked = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      CachedCompiler first = compiler("one", asked);
      CachedCompiler second = compiler("two", asked);
      assertThat(new String(first.cubin("text", "sm_80").code(), StandardCharsets.UTF_8))
          .isEqualTo("one|sm_80|text");
      assertThat(first.cubin("text", "sm_86").usage())
          .containsExactly(new ResourceUsage("a", 1, 2, 3));
      first.cubin("texts", "sm_80");
      second.cubin("text", "sm_80");
      // No two of these read the same when written one behind the other.
      assertThat(first.ptx("sm_80text")).isEqualTo("sm_80text".getBytes(StandardCharsets.UTF_8));
      assertThat(asked).hasSize(5);
      assertThat(List.of(first.hits(), second.hits()))
          .isEqualTo(round == 0 ? List.of(0, 0) : List.of(4, 1));
    }
  }

  @Test
  void whatIsRefusedIsAskedAgain() {
    List<String> asked = new ArrayList<>();
    CachedCompiler compiler = compiler("one", asked);
    for (int round = 1; round <= 2; round++) {
      assertThatThrownBy(() -> compiler.cubin("broken", "sm_80")).isInstanceOf(UserError.class);
      assertThat(asked).hasSize(round);
    }
    assertThat(compiler.hits()).isZero();
  }
}
