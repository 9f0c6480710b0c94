package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Explanations name what a decision rests on and what would have changed it; what cannot be explained is refused. */
class ExplainTest {
  /** D is 0.2 over one step at step 1, which gives an interval of 2; 0.1 at step 3, which gives 4. */
  private static final String TRACE = """
      {"format": 2, "decisions": "adaptive", "steps": 8,
       "guards": {"stack": {
         "policy": "#codebook<bounds = [0.15], from = 0.0, intervals = [4, 2], metric = #metric<gap = actual, motion = off, motion_mean = 1.0, noise_floor = 0.0, norm = l1_rel>, tail = 0, until = 1.0, warmup = 2>",
         "reach": 1.0, "computed": [0, 1, 3, 7], "divergence": {"1": 0.2, "3": 0.1, "7": 0.05},
         "probes": {"0": [[0.4, 0.0, 0, 0, 4]], "1": [[0.2, 1.0, 0, 0, 4]], "3": [[0.2, 1.0, 0, 0, 4]], "7": [[0.2, 1.0, 0, 0, 4]]}}},
       "layers": {"spatial.2": {"kind": "spatial", "layer": 2, "kept": 0, "policy": "#visits<pruned = [1]>",
         "pruned": [1], "computed": [0, 3, 7], "similarity": {}, "variation": {}}}}
      """;

  @TempDir
  private Path folder;

  private Path trace;

  @BeforeEach
  void write() throws IOException {
    trace = Files.writeString(folder.resolve("x.trace"), TRACE);
  }

  private String explain(String... options) {
    String[] all = new String[options.length + 2];
    all[0] = "explain";
    all[1] = trace.toString();
    System.arraycopy(options, 0, all, 2, options.length);
    return CommandRun.of(all).assertWorked().out();
  }

  @Test
  void aReusedStepNamesTheDivergenceThatWouldComputeIt() {
    assertThat(explain("--step", "5"))
        .contains("guard 'stack' at step 5: reused")
        .contains("D of step 3 is 0.1000, which gives an interval of 4: due at step 7")
        .contains("step 3, 2 before this one")
        .containsPattern(
            "D +at least 0.1500 instead of 0.1000 \\(1.500 times as large\\): computed")
        .containsPattern("relative change +at least 0.3000 instead of 0.2000")
        .containsPattern("bound 0.15 +at most 0.1000 instead of 0.1500")
        .containsPattern("an earlier step +computed last at step 1 instead of 3");
  }

  @Test
  void aStepThatIsAlwaysComputedSaysSo() {
    assertThat(explain("--step", "1")).contains("one of the first 2 steps (warmup)");
  }

  @Test
  void aPlannedLayerNamesItsPlan() {
    assertThat(explain("--step", "1", "--layer", "spatial.2"))
        .contains("layer 'spatial.2' at step 1: left out", "the plan leaves out its visit 1");
    assertThat(explain("--step", "2", "--layer", "spatial.2"))
        .contains("not reached", "see --guard stack");
  }

  @Test
  void withoutAStepThereIsALineForEach() {
    assertThat(explain("--guard", "stack").lines()).hasSize(2 + 8);
    assertThat(explain("--layer", "spatial.2").lines()).hasSize(2 + 8);
  }

  @Test
  void theSummaryShowsTheCliff() throws IOException {
    assertThat(explain())
        .contains("guard 'stack' computed 4 of 8 steps, hit rate 50.0 %")
        .containsPattern("bound +0.15 +0.1000 +0.2000 +0 +0 +0 +0");
    JsonNode json = JsonMapper.builder().build().readTree(explain("--json"));
    assertThat(json.path("guards").path(0).path("hit_rate").asDouble()).isEqualTo(0.5);
    assertThat(json.path("thresholds").path(0).path("next_above").asDouble()).isEqualTo(0.2);
  }

  @Test
  void whatTheTraceDoesNotKnowIsRefused() {
    CommandRun.of("explain", trace.toString(), "--step", "8").assertRefused("CL0761");
    CommandRun.of("explain", trace.toString(), "--step", "-1").assertRefused("CL0761");
    CommandRun.of("explain", trace.toString(), "--guard", "stick").assertRefused("CL0761");
    CommandRun.of("explain", trace.toString(), "--layer", "temporal.13").assertRefused("CL0761");
    CommandRun.of("explain", trace.toString(), "--layer", "a", "--guard", "b").assertMisused();
    CommandRun.of("explain", folder.resolve("none").toString()).assertRefused("RT0111");
  }

  @Test
  void decisionsWithoutReasonsAreRefusedButSummarised() throws IOException {
    Path old = Files.writeString(
        folder.resolve("old.trace"),
        "{\"steps\": 4, \"guards\": {\"stack\": {\"computed\": [0, 2]}}}");
    CommandRun.of("explain", old.toString(), "--step", "1").assertRefused("CL0760");
    assertThat(CommandRun.of("explain", old.toString()).assertWorked().out())
        .contains("computed 2 of 4 steps");
  }

  @Test
  void decisionsThatDoNotFollowAreRefused() throws IOException {
    Files.writeString(
        trace, TRACE.replace("\"computed\": [0, 1, 3, 7]", "\"computed\": [0, 1, 4]"));
    CommandRun.of("explain", trace.toString(), "--step", "4").assertRefused("CL0760");
  }
}
