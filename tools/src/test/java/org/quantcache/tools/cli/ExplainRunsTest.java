package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.kernels.explain.Redecision;

/** Every decision of whole runs of the sample model is explained, and follows again from the numbers in the trace. */
@Tag("slow")
class ExplainRunsTest {
  private static final String MODEL = "samples/sprites";
  private static final String PROMPT = "a red square moving right slow";
  private static final int STEPS = 100;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir
  private Path folder;

  private Path trace(String artifact, String name) {
    Path trace = folder.resolve(name);
    CommandRun.of(
            "run",
            artifact,
            "--prompt",
            PROMPT,
            "--steps",
            Integer.toString(STEPS),
            "--trace",
            trace.toString(),
            "-o",
            folder.resolve("video.png").toString())
        .assertWorked();
    return trace;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@adacache",
        "@teacache",
        "@paper",
        "@balanced",
        "@static-interval",
        "@fast",
        "@none,hlc{codebook=0.05:6/0.1:4/2,motion=off},srap{tau-low=-0.2,tau-high=0.1,delta-low=0.5,delta-high=2,in-a-row=2}",
        "@none,srap{tau-low=-0.5,tau-high=0.2,evidence=last-computed}",
        "@none,hlc{codebook=0.05:6/0.1:4/2},aigq{activations=0.05:4/0.1:6/8}",
      })
  void everyDecisionIsExplainedAndFollowsFromTheTrace(String passes) throws IOException {
    String artifact = folder.resolve("model.qca").toString();
    CommandRun.of("compile", MODEL, "--passes", passes, "-o", artifact).assertWorked();
    Path file = trace(artifact, "a.trace");

    DecisionTrace trace = TraceFile.read(file);
    assertThat(trace.steps()).isEqualTo(STEPS);
    assertThat(Redecision.of(trace).trace()).isEqualTo(trace);

    List<String> subjects = new ArrayList<>();
    trace.guards().keySet().forEach(name -> subjects.add("--guard=" + name));
    trace.layers().keySet().forEach(name -> subjects.add("--layer=" + name));
    assertThat(subjects).isNotEmpty();
    for (String subject : subjects) {
      CommandRun run =
          CommandRun.of("explain", file.toString(), subject, "--json").assertWorked();
      JsonNode all = JSON.readTree(run.out());
      assertThat(all).hasSize(STEPS);
      for (JsonNode one : all) {
        assertThat(one.path("reason").asText()).isNotEmpty();
        assertThat(one.path("inputs").path("policy").asText()).startsWith("#");
      }
    }

    // The same seed again gives the same bytes.
    assertThat(trace(artifact, "b.trace")).hasSameBinaryContentAs(file);
  }
}
