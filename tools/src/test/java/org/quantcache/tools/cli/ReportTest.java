package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages hold what files say, whatever names are in them, and nothing is written of what is wrong. */
class ReportTest {
  private static final String TRACE = """
      {"steps": 4,
       "guards": {"</script><script>alert(1)</script>": {"computed": [0, 2], "divergence": {"2": 0.125}, "noise_dominated": [2]}},
       "layers": {"spatial.3": {"pruned": [2], "computed": [0], "similarity": {"2": 0.975}}}}
      """;
  private static final String PROGRAM = """
      module @m {
        func @f(%x: f32[2, 8], %w: f32[8, 8]) -> f32[2, 8] {
          %a = nn.linear(%x, %w) : f32[2, 8] loc("blocks.0.fc")
          %b = nn.gelu(%a) : f32[2, 8] loc("blocks.0.act")
          %c = math.add(%b, %x) : f32[2, 8] loc("blocks.0")
          func.return(%c)
        }
      }
      """;

  @TempDir
  private Path folder;

  private Path page() {
    return folder.resolve("page.html");
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private CommandRun report(Object... words) {
    List<String> all = new ArrayList<>(List.of("report"));
    for (Object word : words) {
      all.add(word.toString());
    }
    all.addAll(List.of("-o", page().toString()));
    return CommandRun.of(all);
  }

  /** The content of the script element of an id. */
  private String element(String id) throws IOException {
    Matcher found =
        Pattern.compile("id=\"" + id + "\">([^<]*)</script>").matcher(Files.readString(page()));
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  private JsonNode data() throws IOException {
    return new ObjectMapper().readTree(element("data"));
  }

  private JsonNode graph() throws IOException {
    byte[] packed = Base64.getDecoder().decode(element("graph-data"));
    try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
      return new ObjectMapper().readTree(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private Path dump() throws IOException {
    Path dump = folder.resolve("dump");
    CommandRun.of(
            "opt",
            file("m.qir", PROGRAM).toString(),
            "--passes",
            "fuse,fold",
            "--dump-dir",
            dump.toString(),
            "-o",
            folder.resolve("out.qir").toString())
        .assertWorked();
    return dump;
  }

  @Test
  void aTraceIsOnThePageAndItsNamesAreNoMarkup() throws IOException {
    report(file("trace.json", TRACE)).assertWorked();
    assertThat(Files.readString(page()))
        .startsWith("<!DOCTYPE html>")
        .doesNotContain("<script>alert", "http-equiv", "src=\"http");
    assertThat(data().path("trace").path("guards").fieldNames())
        .toIterable()
        .containsExactly("</script><script>alert(1)</script>");
    assertThat(data().path("decisions").asText()).contains("computed 2 of 4 steps");
  }

  @Test
  void everyStateOfADumpIsInTheGraphWithWhatItsPassChanged() throws IOException {
    report("--dump-dir", dump()).assertWorked();
    JsonNode stages = graph().path("graph").path("stages");
    assertThat(stages).hasSize(2);
    assertThat(stages.get(0).path("name").asText()).isEqualTo("input");
    assertThat(stages.get(1).path("name").asText()).isEqualTo("1 fuse");
    assertThat(stages.get(1).path("marks").path("removed")).isNotEmpty();
    assertThat(stages.get(1).path("marks").path("added")).isNotEmpty();
    JsonNode passes = data().path("passes");
    assertThat(passes).hasSize(2);
    assertThat(passes.get(0).path("operations").path("nn.gelu").asInt()).isEqualTo(-1);
    assertThat(passes.get(1).path("changed").asBoolean()).isFalse();
    assertThat(graph().path("remarks").path("1")).isNotEmpty();
  }

  @Test
  void theSameFilesGiveTheSameBytes() throws IOException {
    Path dump = dump();
    Path trace = file("trace.json", TRACE);
    report("--dump-dir", dump, "--trace", trace).assertWorked();
    byte[] first = Files.readAllBytes(page());
    report("--dump-dir", dump, "--trace", trace).assertWorked();
    assertThat(Files.readAllBytes(page())).isEqualTo(first);
  }

  @Test
  void timesOfKernelsAreSummedUp() throws IOException {
    report("--profile", file("p.json", """
        {"device": "cpu", "steps": [{"step": 0, "microseconds": 5}],
         "launches": [
           {"step": 0, "kernel": "a", "at": "x", "op": "o", "start_us": 0, "duration_us": 1.5},
           {"step": 0, "kernel": "b", "at": "y", "op": "o", "start_us": 2, "duration_us": 2.5},
           {"step": 0, "kernel": "a", "at": "x", "op": "o", "start_us": 5, "duration_us": 2}]}
        """)).assertWorked();
    JsonNode kernels = data().path("profile").path("kernels");
    assertThat(kernels).hasSize(2);
    assertThat(kernels.get(0).path("name").asText()).isEqualTo("a");
    assertThat(kernels.get(0).path("us").asDouble()).isEqualTo(3.5);
    assertThat(kernels.get(0).path("places").get(0)).hasSize(4);
  }

  @Test
  void whatIsWrongIsRefusedAndNothingIsWritten() throws IOException {
    Path trace = file("trace.json", TRACE);
    report().assertRefused("CL0750");
    report(trace, "--trace", trace).assertRefused("CL0750");
    report("--timing", file("t.json", "[{\"number\": 1, \"ms\": 2}]")).assertRefused("CL0750");
    report(file("empty.json", "{}")).assertRefused("RT0111");
    report(folder.resolve("none.json")).assertRefused("[A-Z]{2}\\d{4}");
    report(file("x.qca", "PK")).assertRefused("RT0202");
    report("--dump-dir", folder.resolve("none")).assertRefused("CL0751");
    report("--dump-dir", folder).assertRefused("CL0751");
    report("--layers", file("l.json", "{\"rows\": [{\"step\": 0}]}")).assertRefused("CL0762");
    report("--layers", file("m.json", "no")).assertRefused("CL0762");
    report("--layers", folder.resolve("none")).assertRefused("CL0107");
    report("--profile", file("p.json", "{\"steps\": []}")).assertRefused("CL0763");
    report(
            "--profile",
            file(
                "q.json",
                "{\"steps\": [], \"launches\": [{\"kernel\": \"a\", \"duration_us\": -1}]}"))
        .assertRefused("CL0763");
    report("--timing", file("u.json", "{}")).assertRefused("CL0752");
    report("--timing", file("w.json", "[{\"number\": -1, \"ms\": 2}]")).assertRefused("CL0752");
    report("--video", file("v.gif", "GIF89a")).assertRefused("CL0753");
    report("--video", file("v.mp4", "")).assertRefused("CL0753");
    report("--video", folder.resolve("none.gif")).assertRefused("CL0107");
    report("--video", "a.gif", "--video", "b.gif", "--video", "c.gif").assertRefused("CL0754");
    assertThat(page()).doesNotExist();
    CommandRun.of(
            "report", trace.toString(), "-o", folder.resolve("no/page.html").toString())
        .assertRefused("RT0301");
  }

  @Test
  void aDumpWithAnotherFileNameInItsManifestIsRefused() throws IOException {
    Path dump = dump();
    Files.writeString(
        dump.resolve("manifest.json"),
        "{\"passes\": [{\"number\": 1, \"pass\": \"../../x\", \"changed\": true}]}");
    report("--dump-dir", dump).assertRefused("CL0751");
  }
}
