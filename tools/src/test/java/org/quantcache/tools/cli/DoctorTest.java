package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The doctor says of everything whether it is there, and how to get what is not. */
class DoctorTest {
  @Test
  void whatIsMissingComesWithAFix() throws IOException {
    CommandRun run = CommandRun.of("doctor", "--json").assertWorked();
    List<String> subjects = new ArrayList<>();
    for (JsonNode finding : JsonMapper.builder().build().readTree(run.out())) {
      subjects.add(finding.path("subject").asText().strip());
      assertThat(finding.path("found").asText()).as(finding.toString()).isNotEmpty();
      assertThat(finding.path("use").asText()).as(finding.toString()).isNotEmpty();
      if (!finding.path("ok").asBoolean()) {
        assertThat(finding.path("fix").asText()).as(finding.toString()).isNotEmpty();
        assertThat(finding.path("required").asBoolean()).as(finding.toString()).isFalse();
      }
    }
    assertThat(subjects)
        .contains(
            "java",
            "heap",
            "vector units",
            "target cpu: run",
            "LLVM and linker",
            "target cuda: run",
            "nvcc",
            "NVRTC",
            "clang and ptxas of a jar",
            "target cuda:emulated",
            "temporary folder",
            "cache",
            "chromium")
        .doesNotHaveDuplicates();
  }

  @Test
  void everyFindingIsALine() {
    CommandRun run = CommandRun.of("doctor").assertWorked();
    assertThat(run.out())
        .containsPattern("(?m)^ok +java ")
        .containsPattern("(?m)^ok +target cpu: run");
  }
}
