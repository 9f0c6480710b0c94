package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an artifact holds layer by layer agrees with what it runs. */
class InspectLayersTest {
  private static final String MODEL = "samples/sprites";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir
  private Path folder;

  private String artifact(String... options) {
    String file = folder.resolve("x.qca").toString();
    String[] all = new String[options.length + 4];
    all[0] = "compile";
    all[1] = MODEL;
    all[2] = "-o";
    all[3] = file;
    System.arraycopy(options, 0, all, 4, options.length);
    CommandRun.of(all).assertWorked();
    return file;
  }

  @Test
  @Tag("slow")
  void layersKernelsAndTimesAgreeWithTheRun() throws IOException {
    String file = artifact("--preset", "fast");
    JsonNode seen = JSON.readTree(
        CommandRun.of("inspect", file, "--roofline", "--json").assertWorked().out());
    Set<String> kernels = new HashSet<>();
    long flop = 0;
    for (JsonNode layer : seen.path("layers")) {
      layer.path("kernels").forEach(kernel -> kernels.add(kernel.asText()));
      flop += layer.path("per_step").asBoolean() ? layer.path("flop").asLong() : 0;
      assertThat(layer.path("expected_us").asDouble()).isNotNegative();
      assertThat(layer.path("bound").asText()).isIn("work", "memory", "-");
      if (layer.path("op").asText().equals("quant.linear")) {
        assertThat(layer.path("weight_bits").asInt()).isIn(4, 8);
        assertThat(layer.path("activation_bits").asInt()).isEqualTo(8);
      }
    }
    assertThat(flop)
        .isEqualTo(seen.path("report")
            .path("compiled")
            .path("functions")
            .path(0)
            .path("perStep")
            .path("flops")
            .asLong());
    for (String peak : new String[] {"float_gflops", "byte_gops", "memory_gigabytes_per_second"}) {
      assertThat(seen.path("roofline").path(peak).asDouble()).isPositive();
    }
    for (JsonNode part : seen.path("active")) {
      assertThat(part.path("kernels")).as(part.toString()).isNotEmpty();
    }

    Path profile = folder.resolve("p.json");
    CommandRun.of(
            "run",
            file,
            "--prompt",
            "a red square moving right slow",
            "--steps",
            "8",
            "--profile",
            profile.toString(),
            "-o",
            folder.resolve("v.png").toString())
        .assertWorked();
    JsonNode ran = JSON.readTree(profile.toFile());
    assertThat(ran.path("device").asText()).isEqualTo("cpu");
    assertThat(ran.path("steps")).hasSize(8);
    assertThat(ran.path("launches")).isNotEmpty();
    double before = -1;
    for (JsonNode launch : ran.path("launches")) {
      assertThat(kernels).contains(launch.path("kernel").asText());
      assertThat(launch.path("step").asInt()).isBetween(0, 7);
      assertThat(launch.path("start_us").asDouble()).isGreaterThan(before);
      before = launch.path("start_us").asDouble();
    }
  }

  @Test
  void anInterpretedProgramHasLayersButNoKernels() {
    String file = artifact("--preset", "fast", "--target", "reference");
    CommandRun run = CommandRun.of("inspect", file).assertWorked();
    assertThat(run.out())
        .contains("which kernels serve them, the artifact does not say")
        .containsPattern("spatial_blocks\\.\\*\\.attn\\.qkv +quant.linear +\\d+ +[48]/8 ");
    long some = run.out().lines().count();
    assertThat(CommandRun.of("inspect", file, "--layers")
            .assertWorked()
            .out()
            .lines()
            .count())
        .isGreaterThan(some);
    Path profile = folder.resolve("p.json");
    CommandRun.of(
            "run",
            file,
            "--prompt",
            "a red square moving right slow",
            "--profile",
            profile.toString(),
            "-o",
            folder.resolve("v.png").toString())
        .assertRefused("CL0764");
    assertThat(profile).doesNotExist();
  }

  @Test
  void textHasNoKernelsToList() {
    Path text = folder.resolve("x.qir");
    CommandRun.of("import", MODEL, "-o", text.toString()).assertWorked();
    CommandRun.of("inspect", text.toString(), "--layers").assertRefused("CL0767");
    CommandRun.of("inspect", text.toString(), "--roofline").assertRefused("CL0767");
  }
}
