package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reducing a module by a command of the shell. */
class ReduceTest {
  private static final String MODULE = """
      module @m {
        func @f(%x: f32[2]) -> f32[2] <results = ["output"]> {
          %a = nn.silu(%x) : f32[2]
          %b = nn.gelu(%a) : f32[2]
          %c = math.add(%b, %a) : f32[2]
          func.return(%c)
        }
      }
      """;

  @TempDir
  private Path folder;

  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("a module's.qir"), MODULE);
  }

  private String reduced() throws IOException {
    return Files.readString(Path.of(file + ".reduced.qir"));
  }

  @Test
  void aCommandThatFailsSaysWhatIsOfInterest() throws IOException {
    CommandRun run = CommandRun.of(
            "reduce", file.toString(), "--test", "if grep -q gelu %s; then exit 3; fi")
        .assertWorked();
    assertThat(run.out()).startsWith("1 of 3 operations are left after ");
    assertThat(reduced()).contains("nn.gelu").doesNotContain("silu", "math.add");
  }

  @Test
  void theFileIsTheLastArgumentAndATextOfTheOutputCounts() throws IOException {
    CommandRun.of("reduce", file.toString(), "--test", "cat", "--expect", "nn.silu")
        .assertWorked();
    assertThat(reduced()).contains("nn.silu").doesNotContain("nn.gelu");
  }

  @Test
  void aCommandThatHangsShowsNothing() throws IOException {
    CommandRun.of(
            "reduce",
            file.toString(),
            "--timeout",
            "1",
            "--test",
            "grep -q gelu %s || sleep 60; grep -q silu %s || sleep 60; false")
        .assertWorked();
    assertThat(reduced()).contains("nn.gelu", "nn.silu");
  }

  @Test
  void whatGoesWrongIsRefusedAndLeavesTheOutputAsItWas() throws IOException {
    OldFile old = OldFile.in(folder, "old.qir");
    String[][] wrong = {
      {"CL0742"},
      {"CL0742", "--test", "false", "--passes", "fold"},
      {"CL0742", "--test", "false", "--max-tests", "0"},
      {"CL0741", "--test", "true"},
      {"CL0741", "--test", "cat", "--expect", "nowhere"},
      {"CL0740", "--passes", "fold"},
      {"PA0101", "--passes", "frobnicate"}
    };
    for (String[] one : wrong) {
      List<String> command =
          new ArrayList<>(List.of("reduce", file.toString(), "-o", old.toString()));
      command.addAll(List.of(one).subList(1, one.length));
      CommandRun.of(command).assertRefused(one[0]);
    }
    CommandRun.of("reduce", "nowhere.qir", "--test", "false", "-o", old.toString())
        .assertRefused("CL0107");
    CommandRun.of("reduce", file.toString(), "--test", "false", "-o", "/nowhere/x.qir")
        .assertRefused("RT0301");
    old.assertIntact();
  }
}
