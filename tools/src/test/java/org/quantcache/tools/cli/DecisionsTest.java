package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decisions on the command line: traced, replayed to the same bytes, and refused when they do not fit. */
class DecisionsTest {
  private static final Path MODEL = Path.of("../importers/src/test/resources/golden/sample-rflow");
  private static final String GUARDED = "@none,hlc{codebook=0.000001:3/2,probe=0,warmup=1,tail=1}";

  @TempDir
  private Path folder;

  private List<String> sample(String passes, String output, String... more) {
    List<String> all = new ArrayList<>(List.of(
        "sample",
        MODEL.toString(),
        "--target",
        "reference",
        "--passes",
        passes,
        "--inputs",
        MODEL.resolve("inputs.safetensors").toString(),
        "--sampler",
        MODEL.resolve("sampler.json").toString(),
        "--out",
        folder.resolve(output).toString()));
    all.addAll(List.of(more));
    return all;
  }

  @Test
  void aTraceIsReplayedToTheSameBytes() throws IOException {
    Path trace = folder.resolve("trace.json");
    CommandRun first = CommandRun.of(sample(GUARDED, "a.safetensors", "--trace", trace.toString()))
        .assertWorked();
    assertThat(first.err()).containsPattern("guard 'stack' computed \\d+ of \\d+ steps");
    assertThat(Files.readString(trace)).contains("\"computed\"", "\"divergence\"");

    CommandRun.of(sample(GUARDED, "b.safetensors", "--decisions", "replay=" + trace))
        .assertWorked();
    assertThat(folder.resolve("b.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("a.safetensors"));

    CommandRun.of(sample(GUARDED, "c.safetensors", "--decisions", "always")).assertWorked();
    CommandRun.of(sample("@none", "d.safetensors")).assertWorked();
    assertThat(folder.resolve("c.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("d.safetensors"));
    assertThat(Files.mismatch(folder.resolve("c.safetensors"), folder.resolve("a.safetensors")))
        .isNotEqualTo(-1);
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    OldFile old = OldFile.in(folder, "out.safetensors");
    CommandRun.of(sample(GUARDED, "out.safetensors", "--decisions", "sometimes"))
        .assertRefused("CL0110");
    CommandRun.of(sample(GUARDED, "out.safetensors", "--decisions", "replay=nowhere.json"))
        .assertRefused("RT0111");
    Path other = folder.resolve("other.json");
    Files.writeString(other, "{\"steps\": 2, \"guards\": {\"stack\": {\"computed\": [0]}}}");
    CommandRun.of(sample(GUARDED, "out.safetensors", "--decisions", "replay=" + other))
        .assertRefused("RT0110");
    CommandRun.of(sample(GUARDED, "out.safetensors", "--trace", "/nowhere/trace.json"))
        .assertRefused("RT0301");
    CommandRun.of(sample("@none,hlc{codebook=0.2:3/0.1:2/1}", "out.safetensors"))
        .assertRefused("PA0503");
    old.assertIntact();
  }

  @Test
  void aProgramWithoutGuardsLeavesNoTrace() {
    Path trace = folder.resolve("trace.json");
    CommandRun.of(sample("@none", "out.safetensors", "--trace", trace.toString()))
        .assertRefused("CL0111");
    assertThat(trace).doesNotExist();
  }

  @Test
  void passesDoNotApplyToAnArtifact() throws IOException {
    Path artifact = Files.createFile(folder.resolve("model.qca"));
    List<String> command = sample("@none", "out.safetensors");
    command.set(1, artifact.toString());
    CommandRun.of(command).assertRefused("CL0112");
  }
}
