package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calibrations are the same however often they were stopped; plans follow from them. */
class CalibrateTest {
  private static final String MODEL = "samples/sprites";

  @TempDir
  private Path folder;

  private Path calibrate(String name, String... more) {
    Path out = folder.resolve(name);
    List<String> all =
        new ArrayList<>(List.of("calibrate", MODEL, "--steps", "6", "-o", out.toString()));
    all.addAll(List.of(more));
    CommandRun.of(all).assertWorked();
    return out;
  }

  @Test
  void aCalibrationThatWasStoppedGoesOnToTheSameBytes() throws IOException {
    Path whole = calibrate("whole.json", "--cases", "2");
    Path first = calibrate("first.json", "--cases", "1");
    Files.move(first, folder.resolve("resumed.json.part"));

    Path out = folder.resolve("resumed.json");
    CommandRun run = CommandRun.of(
            "calibrate", MODEL, "--steps", "6", "--cases", "2", "-o", out.toString())
        .assertWorked();

    assertThat(run.err()).contains("case 2 of 2").doesNotContain("case 1 of 2");
    assertThat(out).hasSameBinaryContentAs(whole);
    assertThat(folder.resolve("resumed.json.part")).doesNotExist();
    planFrom(whole);
    refined(whole);
    otherModelsAreRefused(whole);
  }

  private void planFrom(Path calibration) {
    Path trace = folder.resolve("trace.json");
    CommandRun run = CommandRun.of(
            "schedule", calibration.toString(), "--computed", "3", "-o", trace.toString())
        .assertWorked();
    assertThat(run.out()).containsPattern("3 +\\S+ +- +6:0/\\d/\\d");
    assertThat(trace).content().contains("\"computed\"");
    CommandRun.of("schedule", calibration.toString(), "--computed", "7").assertRefused("PA0602");
    CommandRun.of("schedule", calibration.toString(), "--computed", "2,3", "-o", trace.toString())
        .assertRefused("CL0605");
    CommandRun.of("schedule", trace.toString(), "--computed", "2").assertRefused("PA0601");
  }

  /** What is tried out is kept, and pipelines take it from there. */
  private void refined(Path calibration) throws IOException {
    CommandRun run = CommandRun.of(
            "schedule", calibration.toString(), "--computed", "3", "--refine", MODEL)
        .assertWorked();
    assertThat(run.err()).contains("plan 1: ");
    assertThat(run.out()).containsPattern("3 +- +[0-9.]+ dB +6:0/\\d/\\d");
    assertThat(calibration).content().contains("\"reuse\": \"linear\"");
    CommandRun known = CommandRun.of("schedule", calibration.toString(), "--computed", "3");
    assertThat(known.assertWorked().out()).isEqualTo(run.out());
    byte[] before = Files.readAllBytes(calibration);
    CommandRun.of(
            "schedule",
            calibration.toString(),
            "--computed",
            "3",
            "--refine",
            "../importers/src/test/resources/golden/sample-rflow")
        .assertRefused("[A-Z]{2}\\d{4}");
    assertThat(Files.readAllBytes(calibration)).isEqualTo(before);
  }

  private void otherModelsAreRefused(Path calibration) {
    Path out = folder.resolve("out.qca");
    String other = "../importers/src/test/resources/golden/sample-rflow";
    CommandRun.of(
            "compile",
            other,
            "--latent",
            "2,4,4",
            "--target",
            "reference",
            "--preset",
            "fast",
            "--calibration",
            calibration.toString(),
            "-o",
            out.toString())
        .assertRefused("CL0602");
    CommandRun.of("compile", other, "--latent", "2,4,4", "--preset", "fast", "-o", out.toString())
        .assertRefused("PA0505");
    assertThat(out).doesNotExist();
  }

  @Test
  void settingsWithoutMeaningAreRefused() {
    String out = folder.resolve("out.json").toString();
    CommandRun.of("calibrate", MODEL, "--steps", "201", "-o", out).assertRefused("CL0603");
    CommandRun.of("calibrate", MODEL, "--cases", "0", "-o", out).assertRefused("CL0604");
    CommandRun.of("calibrate", MODEL, "--prompt", "a purple circle", "-o", out)
        .assertRefused("CL0301");
    CommandRun.of("calibrate", folder.resolve("nowhere").toString(), "-o", out)
        .assertRefused("[A-Z]{2}\\d{4}");
    assertThat(folder).isEmptyDirectory();
  }
}
