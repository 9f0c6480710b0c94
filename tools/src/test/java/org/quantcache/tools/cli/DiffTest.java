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

/** Differences of modules on the command line. */
class DiffTest {
  private static final String MODULE = """
      module @m {
        weight.def @w <key = "w", type = f32[2, 2]>
        func @f(%x: f32[2, 2]) -> f32[2, 2] <results = ["output"]> {
          %w = weight.get <weight = @w> : f32[2, 2]
          %a = nn.linear(%x, %w) : f32[2, 2]
          %b = nn.gelu(%a) : f32[2, 2]
          func.return(%b)
        }
      }
      """;

  @TempDir
  private Path folder;

  private Path base;

  @BeforeEach
  void write() throws IOException {
    base = Files.writeString(folder.resolve("base.qir"), MODULE);
  }

  private CommandRun diff(String other, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("other.qir"), other);
    List<String> command = new ArrayList<>(List.of("diff", base.toString(), file.toString()));
    command.addAll(List.of(options));
    return CommandRun.of(command);
  }

  @Test
  void namesOfValuesAndWeightsAndPlacesAreNoDifference() throws IOException {
    String renamed = MODULE
        .replace("%a", "%first")
        .replace("@w", "@v.1")
        .replace("%b = nn.gelu(%first) : f32[2, 2]", "%b = nn.gelu(%first) : f32[2, 2] loc(\"p\")");
    CommandRun run = diff(renamed).assertWorked();
    assertThat(run.out()).isEmpty();
    assertThat(diff(renamed, "--stat").assertWorked().out()).isEmpty();
  }

  @Test
  void aDifferenceIsShownAndIsTheExitStatus() throws IOException {
    CommandRun run = diff(MODULE.replace("nn.gelu", "nn.silu"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("@@ func @f @@", "-     %b = nn.gelu(%a)", "+     %b = nn.silu(%a)")
        .doesNotContain("\u001b");
    CommandRun counted = diff(MODULE.replace("nn.gelu", "nn.silu"), "--stat");
    assertThat(counted.exit()).isEqualTo(1);
    assertThat(counted.out().lines().map(String::strip))
        .containsExactly("-1 nn.gelu", "+1 nn.silu", "2 lines of A and 2 of B differ");
  }

  @Test
  void anotherWeightIsADifference() throws IOException {
    assertThat(diff(MODULE.replace("key = \"w\"", "key = \"u\"")).exit()).isEqualTo(1);
  }

  @Test
  void theJsonFormAndTheProgramOfAnArtifactAreModulesToo() {
    Path artifact = folder.resolve("m.qca");
    CommandRun.of(
            "compile",
            "../importers/src/test/resources/golden/tiny",
            "--target",
            "reference",
            "--latent",
            "2,4,4",
            "-o",
            artifact.toString())
        .assertWorked();
    CommandRun.of("diff", artifact.toString(), artifact.toString()).assertWorked();
    CommandRun run = CommandRun.of("diff", artifact.toString(), base.toString(), "--stat");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("-1 step.loop");
  }

  @Test
  void whatCannotBeReadIsRefused() throws IOException {
    diff("module @m {").assertRefused("IR0\\d\\d\\d");
    CommandRun.of("diff", base.toString(), "nowhere.qir").assertRefused("CL0107");
  }
}
