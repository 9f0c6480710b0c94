package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs for a machine with a card, where there is none and on the emulation of one. */
class CheckGpuTest {
  @TempDir
  private Path folder;

  /** In a process of its own, since one process has one driver. */
  private record Started(int exit, List<String> lines) {
    static Started of(String... arguments) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-cp",
          System.getProperty("java.class.path"),
          Qcc.class.getName()));
      command.addAll(List.of(arguments));
      ProcessBuilder builder = new ProcessBuilder(command);
      // Hides the cards of a machine that has some.
      builder.environment().put("CUDA_VISIBLE_DEVICES", "-1");
      Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String out = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      return new Started(process.exitValue(), out.lines().toList());
    }

    void assertSaysThereIsNone() {
      assertThat(exit).isZero();
      assertThat(lines).singleElement().asString().startsWith("no GPU: ");
    }
  }

  @Test
  void withoutACardOneLineSaysSo() throws Exception {
    Path results = folder.resolve("results.json");

    Started.of("check-gpu").assertSaysThereIsNone();
    Started.of("check-gpu", "--device").assertSaysThereIsNone();
    Started.of("check-gpu", "--from", "nowhere", "--json", results.toString())
        .assertSaysThereIsNone();
    Started.of("bench", "cuda", "--json", results.toString()).assertSaysThereIsNone();
    assertThat(results).doesNotExist();
  }

  @Test
  void anEmulatedBenchmarkRunsEverythingAndTellsNoTime() throws IOException {
    Path json = folder.resolve("bench.json");
    Path markdown = folder.resolve("bench.md");

    CommandRun run = CommandRun.of(
            "bench",
            "cuda",
            "--emulated",
            "--rounds",
            "1",
            "--json",
            json.toString(),
            "--markdown",
            markdown.toString())
        .assertWorked();

    assertThat(run.out())
        .isEqualTo(Files.readString(markdown))
        .contains("Emulated", "| gemm W4A6 144 x 432 | 64 | TOP/s | - | - | - |");
    JsonNode found = JsonMapper.builder().build().readTree(json.toFile());
    assertThat(found.get("emulated").asBoolean()).isTrue();
    assertThat(found.get("kernels")).hasSizeGreaterThan(20);
    assertThat(found.findValues("rate")).isEmpty();
  }

  @Test
  void whatIsNotCompiledIsACodedError() {
    CommandRun.of("check-gpu", "--emulated", "--from", folder.toString()).assertRefused("RT0201");
    CommandRun.of("bench", "cuda", "--emulated", "--from", folder.toString())
        .assertRefused("RT0201");
    CommandRun.of("check-gpu", "--prepare", folder.toString(), "--target", "cpu")
        .assertRefused("CL0113");
    CommandRun.of("check-gpu", "--prepare", folder.toString(), "--target", "cuda:sm_12")
        .assertRefused("CG0401");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void foldersThatHoldNothingOrCannotBeMadeAreCodedErrors() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    String inFile = file.resolve("results").toString();

    CommandRun.of("check-gpu", "--collect", folder.toString(), "--results", inFile)
        .assertRefused("RT0301");
    CommandRun.of("check-gpu", "--prepare", inFile).assertRefused("RT0301");
    CommandRun.of("check-gpu", "--collect", folder.toString(), "--results", folder.toString())
        .assertRefused("CL0614");
    Files.writeString(folder.resolve("checks.json"), "{");
    CommandRun.of("check-gpu", "--collect", folder.toString(), "--results", folder.toString())
        .assertRefused("CL0614");
  }
}
