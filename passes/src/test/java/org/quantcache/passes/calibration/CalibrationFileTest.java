package org.quantcache.passes.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;

/** Calibrations survive the file; what is none is refused. */
class CalibrationFileTest {
  private static final Calibration CALIBRATION = new Calibration(
      "abc",
      List.of(new Calibration.Case("a \"red\" circle", 3), new Calibration.Case("", -1)),
      new Trajectory(
          List.of(List.of(1.5, 0.25, -1e-9), List.of(0.25, 2e10, 3.0), List.of(-1e-9, 3.0, 0.0)),
          List.of(0.5, 0.25, 0.25)),
      List.of(
          new MeasuredPlan(true, List.of(0, 2), 31.25), new MeasuredPlan(false, List.of(0), -2)));

  @TempDir
  private Path folder;

  @Test
  void everyCalibrationComesBackAsItWas() throws IOException {
    Path file = folder.resolve("calibration.json");
    CalibrationFile.write(file, CALIBRATION);
    assertThat(CalibrationFile.read(file)).isEqualTo(CALIBRATION);
    byte[] first = Files.readAllBytes(file);
    CalibrationFile.write(file, CalibrationFile.read(file));
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "FORMAT}",
        "FORMAT, 'model': 3}",
        "FORMAT, 'model': 'a', 'cases': [{}]}",
        "FORMAT, 'model': 'a', 'cases': [{'prompt': 'x', 'seed': 'y'}]}",
        "FORMAT, 'model': 'a', 'cases': []}",
        "FORMAT, 'model': 'a', 'trajectory': {'step_sizes': [1, 1], 'products': [[1], [1]]}}",
        "FORMAT, 'model': 'a', 'trajectory': {'step_sizes': [1, 1], 'products': [[1], [1, 2], [1, 2, 3]]}}",
        "FORMAT, 'model': 'a', 'trajectory': {'step_sizes': [1, 'x'], 'products': [[1], [1, 2]]}}",
        "FORMAT, 'model': 'a', 'trajectory': {'step_sizes': [1, 1], 'products': [[-1], [1, 2]]}}",
        "FORMAT, 'model': 'a', 'trajectory': {'step_sizes': [1], 'products': [[1]]}}",
        "FORMAT, 'model': 'a', 'trajectory': {'step_sizes': 1, 'products': 1}}",
        "FORMAT, GOOD, 'plans': [{'reuse': 'guess', 'quality_db': 1, 'computed': [0]}]}",
        "FORMAT, GOOD, 'plans': [{'reuse': 'hold', 'computed': [0]}]}",
        "FORMAT, GOOD, 'plans': [{'reuse': 'hold', 'quality_db': 1, 'computed': []}]}",
        "FORMAT, GOOD, 'plans': [{'reuse': 'hold', 'quality_db': 1, 'computed': [1]}]}",
        "FORMAT, GOOD, 'plans': [{'reuse': 'hold', 'quality_db': 1, 'computed': [0, 0]}]}",
        "FORMAT, GOOD, 'plans': [{'reuse': 'hold', 'quality_db': 1, 'computed': [0, 2]}]}",
        "FORMAT, GOOD, 'plans': [{'reuse': 'hold', 'quality_db': 1, 'computed': [0, 'x']}]}",
      })
  void whatIsNoCalibrationIsRefused(String text) throws IOException {
    Path file = folder.resolve("given.json");
    write(file, text);
    assertThatThrownBy(() -> CalibrationFile.read(file))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("PA0601"));
  }

  @Test
  void aPlanThatWasTriedOutComesBeforeOneThatWasForetold() throws IOException {
    Path file = folder.resolve("given.json");
    write(file, "FORMAT, GOOD, 'plans': [{'reuse': 'hold', 'quality_db': 1, 'computed': [0, 1]}]}");
    Calibration calibration = CalibrationFile.read(file);
    assertThat(calibration.computedSteps(2, false)).containsExactly(0, 1);
    assertThat(calibration.computedSteps(1, false)).containsExactly(0);
    Calibration better = calibration.with(new MeasuredPlan(false, List.of(0), 9));
    assertThat(better.plans()).hasSize(2);
    assertThat(better.with(new MeasuredPlan(false, List.of(0), 8)).measured(1, false))
        .hasValueSatisfying(plan -> assertThat(plan.qualityDb()).isEqualTo(8));
    assertThat(better.measured(1, true)).isEmpty();
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(
        file,
        text.replace("FORMAT", "{'format': 'quantcache-calibration-1'")
            .replace(
                "GOOD",
                "'model': 'a', 'trajectory': {'step_sizes': [1, 1], 'products': [[1], [1, 2]]}")
            .replace('\'', '"'));
  }
}
