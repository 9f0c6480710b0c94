package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.DeviceMemory;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** Sampling loops of the synthetic model, small, on the emulation of a driver. */
class SamplingBenchTest {
  private static final String NO_PYTHON = "/no/python";
  private static final long CAPACITY = 64 << 20;

  @TempDir
  private Path folder;

  private Path work;

  @BeforeEach
  void takeTheProcessorForACard() {
    EmulatedDriver.load();
    work = folder.resolve("work");
  }

  @AfterEach
  void restoreTheCard() {
    EmulatedDriver.setCapacity(4L << 30);
  }

  private CommandRun sampling(String... arguments) {
    List<String> all = new ArrayList<>(List.of(
        "bench",
        "sampling",
        "--emulated",
        "--work",
        work.toString(),
        "--python",
        NO_PYTHON,
        "--model",
        "samples/sprites"));
    all.addAll(List.of(arguments));
    return CommandRun.of(all);
  }

  private JsonNode rows() throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(work.resolve("sampling.json").toFile())
        .path("rows");
  }

  @Test
  void aRowThatFailsStopsNoOtherAndIsTriedAgain() throws IOException {
    EmulatedDriver.setCapacity(CAPACITY);
    CommandRun first;
    try (CudaDevice device = CudaDevice.open();
        DeviceMemory others = new DeviceMemory(device, CAPACITY - (6 << 20), "others", "")) {
      assertThat(others.bytes()).isPositive();
      first = sampling("--only", "lossless,fast").assertRefused("CL0613");
    }

    assertThat(rows().findValuesAsText("build")).containsExactly("lossless", "fast");
    assertThat(rows().get(0).path("failure").asText())
        .startsWith("RT0506: emulated device has not");
    assertThat(rows().get(1).has("failure")).isFalse();
    assertThat(first.err()).contains("lossless, 2 steps needs", "MiB of working memory");

    CommandRun second = sampling("--only", "lossless,fast").assertWorked();

    assertThat(second.err()).contains("lossless, 2 steps").doesNotContain("fast, 2 steps");
    assertThat(second.out())
        .contains("| lossless | 2 | 2 | 0 | 16.0 | - | - | - | ", "| fast | 2 | 2 | ");
    assertThat(rows()).hasSize(2).allMatch(row -> !row.has("failure") && !row.has("loop_s"));
    sampling("--only", "lossless", "--rounds", "2").assertRefused("CL0614");
  }

  @Test
  void withoutPyTorchATableSaysSo() {
    CommandRun run = sampling("--only", "pytorch-eager").assertWorked();

    assertThat(run.out()).contains("PyTorch was not measured: no " + NO_PYTHON);
  }

  @Test
  void wrongUseIsACodedError() throws IOException {
    sampling("--only", "losless").assertRefused("CL0606");
    sampling("--steps", "0").assertRefused("CL0607");
    sampling("--rounds", "0").assertRefused("CL0607");
    sampling("--json", folder.resolve("nowhere/rows.json").toString()).assertRefused("RT0301");
    Files.createDirectories(work);
    Files.writeString(work.resolve("sampling.json"), "[1, 2");
    sampling("--only", "lossless").assertRefused("CL0614");
    work = Files.writeString(folder.resolve("file"), "").resolve("work");
    sampling("--only", "lossless").assertRefused("RT0301");
  }

  @Test
  @Tag("slow")
  void everyBuildRuns() throws IOException {
    CommandRun run = sampling("--steps", "2,4").assertWorked();

    assertThat(rows()).hasSize(2 * 6).noneMatch(row -> row.has("failure"));
    assertThat(run.out())
        .contains("| paper | 4 | ", "decisions of paper: those of the sample model's run");
    assertThat(work.resolve("paper-4.trace.json")).exists();
    assertThat(work.resolve("artifact.qca")).doesNotExist();
  }
}
