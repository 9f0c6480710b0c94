package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor says of everything whether it is there, and how to get what is not. */
class DoctorTest {
  @TempDir
  private Path folder;

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

  @Test
  void whatTheCpuDeviceCannotDoWithoutIsAnError() throws Exception {
    List<String> lines = new ArrayList<>();
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + folder.resolve("nowhere"),
            "-Dquantcache.cache=" + Files.createFile(folder.resolve("file")),
            "-cp",
            System.getProperty("java.class.path"),
            Qcc.class.getName(),
            "doctor")
        .redirectErrorStream(true)
        .start();
    try (BufferedReader told = process.inputReader()) {
      told.lines().forEach(lines::add);
    }
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(lines).anyMatch(line -> line.matches("NO +temporary folder +.* is not there"));
    assertThat(lines).anyMatch(line -> line.matches("NO +cache +.* cannot be written"));
    assertThat(lines)
        .filteredOn(line -> line.startsWith("error["))
        .singleElement()
        .asString()
        .startsWith("error[CL0768]: the cpu device cannot run: ")
        .contains("temporary folder", "cache");
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).matches("(NO|-) .*")) {
        String rest = lines.get(i + 1) + lines.get(i + 2);
        assertThat(rest).as(lines.get(i)).contains("for: ", "fix: ");
      }
    }
  }
}
