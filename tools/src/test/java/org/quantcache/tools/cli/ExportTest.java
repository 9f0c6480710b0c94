package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs and runs in the forms of other viewers hold together. */
class ExportTest {
  private static final String MODEL = "samples/sprites";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PROFILE = """
      {"device": "cpu", "steps": [{"step": 0, "microseconds": 100.0}, {"step": 1, "microseconds": 50.0}],
       "launches": [{"step": 0, "kernel": "gemm", "at": "%s", "op": "nn.linear", "start_us": 10.0, "duration_us": 30.0},
                    {"step": 1, "kernel": "gemm", "at": "%s", "op": "nn.linear", "start_us": 110.0, "duration_us": 20.0}]}
      """;
  private static final String AT = "spatial_blocks.0.attn.proj";

  @TempDir
  private Path folder;

  private Path program;

  @BeforeEach
  void lift() {
    program = folder.resolve("x.qir");
    CommandRun.of("import", MODEL, "--print-loc", "-o", program.toString()).assertWorked();
  }

  private Path profile() throws IOException {
    return Files.writeString(folder.resolve("p.json"), PROFILE.formatted(AT, AT));
  }

  @Test
  void everyEdgeOfTheGraphHasBothEndsAndNoneComesFromBelow() throws IOException {
    Path out = folder.resolve("graph.json");
    Path layers = Files.writeString(
        folder.resolve("l.json"),
        "{\"rows\": [{\"at\": \"" + AT
            + "\", \"step\": 0, \"op_a\": \"nn.linear\", \"op_b\": \"quant.linear\","
            + " \"relative_l2\": 0.25}, {\"at\": \"" + AT
            + "\", \"step\": 1, \"op_a\": \"nn.linear\","
            + " \"op_b\": \"quant.linear\", \"relative_l2\": \"NaN\"}]}");
    CommandRun.of(
            "export",
            program.toString(),
            "--format",
            "model-explorer",
            "--layers",
            layers.toString(),
            "--profile",
            profile().toString(),
            "-o",
            out.toString())
        .assertWorked();
    JsonNode root = JSON.readTree(out.toFile());
    assertThat(root.path("label").asText()).isEqualTo("x.qir");
    Set<String> linears = new HashSet<>();
    for (JsonNode graph : root.path("graphs")) {
      Set<String> known = new HashSet<>();
      for (JsonNode node : graph.path("nodes")) {
        for (JsonNode edge : node.path("incomingEdges")) {
          assertThat(known).contains(edge.path("sourceNodeId").asText());
        }
        assertThat(known.add(node.path("id").asText())).isTrue();
        if (node.path("label").asText().equals("nn.linear")
            && node.path("namespace").asText().equals("spatial_blocks.0/attn/proj")) {
          linears.add(node.path("id").asText());
        }
      }
      assertThat(known).hasSizeGreaterThan(50);
    }
    assertThat(linears).hasSize(1);
    String linear = linears.iterator().next();
    assertThat(value("graph.relative-l2.json", linear)).isEqualTo(0.25);
    assertThat(value("graph.microseconds.json", linear)).isEqualTo(50.0);
    assertThat(value("graph.weight-bits.json", linear)).isPositive();
    assertThat(value("graph.flop.json", linear)).isPositive();
  }

  private double value(String file, String node) throws IOException {
    return JSON.readTree(folder.resolve(file).toFile())
        .elements()
        .next()
        .path("results")
        .path(node)
        .path("value")
        .asDouble(-1);
  }

  @Test
  void graphvizTextIsWhole() throws IOException {
    Path out = folder.resolve("graph.dot");
    CommandRun.of("export", program.toString(), "--format", "dot", "-o", out.toString())
        .assertWorked();
    String text = Files.readString(out);
    assertThat(text).startsWith("digraph ").contains("label = \"spatial_blocks.0\"");
    // Quotes and braces outside of quotes close.
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == '{' || c == '}')) {
        depth += c == '{' ? 1 : -1;
        assertThat(depth).isNotNegative();
      }
    }
    assertThat(quoted).isFalse();
    assertThat(depth).isZero();
  }

  @Test
  void graphvizReadsIt() throws IOException, InterruptedException {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(f -> Files.isExecutable(Path.of(f, "dot"))),
        "no Graphviz on the path");
    Path out = folder.resolve("graph.dot");
    CommandRun.of("export", program.toString(), "--format", "dot", "-o", out.toString())
        .assertWorked();
    Process dot = new ProcessBuilder("dot", "-Tcanon", out.toString(), "-o", "/dev/null")
        .redirectErrorStream(true)
        .start();
    String told = new String(dot.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(dot.waitFor()).as(told).isZero();
    assertThat(told).isEmpty();
  }

  @Test
  void aRunBecomesEventsInOrder() throws IOException {
    Path trace = Files.writeString(
        folder.resolve("t.json"),
        "{\"steps\": 2, \"guards\": {\"stack\": {\"computed\": [0], \"divergence\": {\"0\": 0.5}}},"
            + " \"layers\": {\"spatial.0\": {\"pruned\": [1], \"computed\": [0]}}}");
    Path one = folder.resolve("one.json");
    Path other = folder.resolve("other.json");
    CommandRun.of(
            "export",
            profile().toString(),
            "--trace",
            trace.toString(),
            "--format",
            "perfetto",
            "-o",
            one.toString())
        .assertWorked();
    CommandRun.of(
            "export",
            trace.toString(),
            "--profile",
            profile().toString(),
            "--format",
            "perfetto",
            "-o",
            other.toString())
        .assertWorked();
    assertThat(other).hasSameBinaryContentAs(one);
    JsonNode events = JSON.readTree(one.toFile()).path("traceEvents");
    int launches = 0;
    double counted = 0;
    for (JsonNode event : events) {
      assertThat(event.path("ph").asText()).isIn("M", "X", "C");
      assertThat(event.path("pid").asInt()).isEqualTo(1);
      if (event.path("cat").asText().equals("kernel")) {
        assertThat(event.path("args").path("at").asText()).isEqualTo(AT);
        assertThat(event.path("args").path("guard stack").asText())
            .isEqualTo(launches == 0 ? "computed" : "reused");
        assertThat(event.path("args").path("layer spatial.0").asText())
            .isEqualTo(launches == 0 ? "computed" : "left out");
        launches++;
        counted += event.path("dur").asDouble();
      }
    }
    assertThat(launches).isEqualTo(2);
    assertThat(counted).isEqualTo(50);
  }

  @Test
  void whatCannotBeExportedIsRefusedAndNothingIsWritten() throws IOException {
    String qir = program.toString();
    Path out = folder.resolve("out");
    String target = out.toString();
    CommandRun.of("export", qir, "--format", "svg", "-o", target).assertMisused();
    CommandRun.of("export", qir, "-o", target).assertMisused();
    CommandRun.of("export", qir, "--format", "perfetto", "-o", target).assertRefused("CL0763");
    CommandRun.of("export", qir, "--format", "dot", "--layers", qir, "-o", target)
        .assertRefused("CL0766");
    CommandRun.of("export", qir, "--format", "model-explorer", "--layers", qir, "-o", target)
        .assertRefused("CL0762");
    CommandRun.of("export", qir, "--format", "model-explorer", "--profile", qir, "-o", target)
        .assertRefused("CL0763");
    CommandRun.of("export", folder.resolve("no").toString(), "--format", "dot", "-o", target)
        .assertRefused("CL0107");
    Path trace = Files.writeString(
        folder.resolve("t.json"), "{\"steps\": 3, \"guards\": {\"stack\": {\"computed\": [0]}}}");
    CommandRun.of(
            "export",
            profile().toString(),
            "--trace",
            trace.toString(),
            "--format",
            "perfetto",
            "-o",
            target)
        .assertRefused("CL0765");
    assertThat(out).doesNotExist();
  }
}
