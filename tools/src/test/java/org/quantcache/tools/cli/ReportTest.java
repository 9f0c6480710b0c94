package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages show what traces say, whatever names are in them. */
class ReportTest {
  private static final String TRACE = """
      {"steps": 4,
       "guards": {"<script>alert(1)</script>": {"computed": [0, 2], "divergence": {"2": 0.125}, "noise_dominated": [2]}},
       "layers": {"spatial.3": {"pruned": [2], "computed": [0], "similarity": {"2": 0.975}}}}
      """;

  @TempDir
  private Path folder;

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  @Test
  void everyStepOfEveryGuardAndLayerHasABox() throws IOException {
    Path trace = Files.writeString(folder.resolve("trace.json"), TRACE);
    Path page = folder.resolve("page.html");
    CommandRun.of("report", trace.toString(), "-o", page.toString()).assertWorked();
    String text = Files.readString(page);
    assertThat(text)
        .startsWith("<!DOCTYPE html>")
        .contains("step 2: computed, divergence 0.125")
        .contains("no more than rounding causes")
        .contains("step 2: left out, similarity 0.975")
        .contains("step 3: not reached")
        .contains("&lt;script&gt;")
        .doesNotContain("<script>")
        .doesNotContain("http-equiv", "src=\"http");
    assertThat(count(text, "<title>step ")).isEqualTo(8);
  }

  @Test
  void whatIsNoTraceIsRefusedAndNothingIsWritten() throws IOException {
    Path trace = Files.writeString(folder.resolve("trace.json"), "{}");
    Path page = folder.resolve("page.html");
    CommandRun.of("report", trace.toString(), "-o", page.toString()).assertRefused("RT0111");
    CommandRun.of("report", folder.resolve("none.json").toString(), "-o", page.toString())
        .assertRefused("[A-Z]{2}\\d{4}");
    CommandRun.of(
            "report", trace.toString(), "-o", folder.resolve("no/page.html").toString())
        .assertRefused("RT0301");
    assertThat(page).doesNotExist();
  }
}
