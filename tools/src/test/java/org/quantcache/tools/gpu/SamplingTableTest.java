package org.quantcache.tools.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;

/** Rows with times, as cards give them, and the files that they end in. */
class SamplingTableTest {
  @TempDir
  private Path folder;

  private static SamplingRow row(
      String build, int steps, double loop, Map<String, Double> kernels) {
    return new SamplingRow(
        build,
        steps,
        "none",
        new SamplingRow.Measured(
            OptionalDouble.of(steps),
            OptionalDouble.of(0),
            OptionalDouble.of(16),
            OptionalDouble.of(loop),
            OptionalDouble.of(loop + 5),
            OptionalDouble.of(4096),
            OptionalDouble.of(0.012),
            kernels),
        "");
  }

  @Test
  void speedUpsAreThoseOfLoopsWithAsManySteps() {
    Map<String, Double> kernels = new LinkedHashMap<>();
    kernels.put("gemm", 75.0);
    kernels.put("attention", 25.0);
    String text = new SamplingTable(
            List.of(
                row("pytorch-eager", 30, 12, Map.of()),
                row("pytorch-eager", 100, 40, Map.of()),
                row("lossless", 30, 6, Map.of()),
                row("fast", 30, 1.5, kernels)),
            3)
        .markdown();

    assertThat(text.lines().filter(line -> line.startsWith("| fast")))
        .containsExactly(
            "| fast | 30 | 30 | 0 | 16.0 | 1.50 | 50.0 | 6.50 | 4096 | 8.00 | - | 4.00 | 1.2e-02 |");
    assertThat(text).contains("median of 3 behind a first one");
    assertThat(text).contains("- kernels of fast, 30 steps: gemm 75 %, attention 25 %.");
  }

  @Test
  void aFailedRowSaysWhyAndCountsForNoSpeedUp() {
    SamplingRow failed = SamplingRow.failed(
        "lossless", 30, "none", UserError.of("RT0506", "the card has not 9 MiB"));
    String text = new SamplingTable(List.of(failed, row("fast", 30, 2, Map.of())), 3).markdown();

    assertThat(text)
        .contains("- lossless, 30 steps failed: RT0506: the card has not 9 MiB.")
        .contains("| fast | 30 | 30 | 0 | 16.0 | 2.00 | 66.7 | 7.00 | 4096 | - | - | - |");
  }

  @Test
  void partsBecomeOneReport() throws IOException {
    Path parts = Files.createDirectory(folder.resolve("parts"));
    Path results = Files.createDirectory(folder.resolve("results"));
    Files.writeString(parts.resolve("bench.json"), """
        {"device": "Card 9", "compute_capability": "9.0", "multiprocessors": 4, "memory_mib": 80000,
         "driver_cuda": "12.6", "clock_mhz": 1, "memory_clock_mhz": 2, "emulated": false, "kernels": [
          {"kernel": "gemm W8A8 2 x 3", "rows": 64, "unit": "TOP/s", "rate": 500.0, "ceiling": 1000.0, "share": 0.5},
          {"kernel": "gemm bf16 2 x 3", "rows": 64, "unit": "TFLOP/s", "rate": 300.0}]}
        """);
    Files.writeString(parts.resolve("torch.json"), """
        {"rows": [{"what": "gemm int8 to int32 2 x 3", "rows": 64, "unit": "TOP/s", "value": 400.0},
                  {"what": "gemm bf16 2 x 3", "rows": 64, "unit": "GB/s", "value": 400.0}]}
        """);
    Files.writeString(parts.resolve("machine.tsv"), "nvcc\tmissing\tnot needed\n");

    Path first = GpuReport.write(parts, results, "tools/gpu/check -o x");
    Path second = GpuReport.write(parts, results, "tools/gpu/check -o x");

    assertThat(first.getFileName().toString()).matches("Card-9-[0-9-]{10}\\.md");
    assertThat(second).isNotEqualTo(first).exists();
    assertThat(Files.readString(first))
        .contains("| nvcc | missing | not needed |")
        .contains("| gemm W8A8 2 x 3 | 64 | TOP/s | 500.0 | 1000.0 | 0.50 | 400.0 | 1.25 |")
        .contains("| gemm bf16 2 x 3 | 64 | TFLOP/s | 300.0 | - | - | - | - |")
        .contains("`tools/gpu/check -o x`");
    JsonNode json = JsonMapper.builder()
        .build()
        .readTree(results
            .resolve(first.getFileName().toString().replace(".md", ".json"))
            .toFile());
    assertThat(json.path("kernels")).hasSize(2);
    assertThat(json.path("machine").path("nvcc").asText()).isEqualTo("missing");
  }
}
