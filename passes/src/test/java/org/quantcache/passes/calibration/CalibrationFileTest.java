package org.quantcache.passes.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.QuantType.Granularity;

/** Calibrations survive the file; what is none is refused. */
class CalibrationFileTest {
  private static final Calibration CALIBRATION = new Calibration(
          "abc",
          List.of(new Calibration.Case("a \"red\" circle", 3), new Calibration.Case("", -1)),
          new Trajectory(
              List.of(
                  List.of(1.5, 0.25, -1e-9), List.of(0.25, 2e10, 3.0), List.of(-1e-9, 3.0, 0.0)),
              List.of(0.5, 0.25, 0.25)),
          List.of(
              new MeasuredPlan(true, List.of(0, 2), 31.25),
              new MeasuredPlan(false, List.of(0), -2)),
          Optional.empty())
      .with(new MeasuredPruning(
          8, Map.of("temporal.3", List.of(1L, 4L), "spatial.0", List.of(7L)), 0.25));

  private static final Rounding ROUNDING = new Rounding(List.of(new LayerRounding(
      "blocks.0.\"fc1\".weight",
      1.5e-5,
      0,
      List.of(0.0, 12.25, 1e9),
      List.of(
          new Basis(
              0, false, List.of(0.01, 0.001, 1e-5), List.of(new RoundedWeight(4, 0, 0.95, 0.02))),
          new Basis(
              0.5,
              true,
              List.of(1.0, 0.5, 0.25),
              List.of(new RoundedWeight(4, 32, 1, 1.234e-7), new RoundedWeight(8, 0, 1, 0)))))));

  private static final DivergenceCurve CURVE =
      new DivergenceCurve(1, List.of(0.125, 1e-5), OptionalDouble.of(0.07));

  private static final NoiseFloor FINE =
      new NoiseFloor("aigq", new NoiseFloor.Bits(8, 8, Granularity.TOKEN), 0.01);
  private static final NoiseFloor COARSE =
      new NoiseFloor("aigq{weights=4}", new NoiseFloor.Bits(4.5, 8, Granularity.TOKEN), 0.05);

  private static final MeasuredTarget SLOW = reaching("psnr-37.5", "@none", 38.25, 4);
  private static final MeasuredTarget FAST = reaching("psnr-37.5", "@none,\"aigq\"", 37.5, 9.5);
  private static final MeasuredTarget SAME =
      reaching("speedup-2", "@none", Double.POSITIVE_INFINITY, 2.125);

  private static MeasuredTarget reaching(
      String target, String base, double psnrDb, double speedup) {
    Reached reached = new Reached(base + ",hlc{plan=3:0/2}", psnrDb, speedup, 2);
    return new MeasuredTarget(Target.named(target).orElseThrow(), base, reached);
  }

  @TempDir
  private Path folder;

  static List<Calibration> calibrations() {
    Calibration rounded = CALIBRATION.with(ROUNDING);
    Calibration probed = rounded.with(CURVE);
    return List.of(
        CALIBRATION,
        rounded,
        CALIBRATION.with(SLOW).with(FAST).with(SAME),
        CALIBRATION.with(new DivergenceCurve(2, List.of(0.25, 0.0), OptionalDouble.empty())),
        probed.withNoise(List.of(FINE, COARSE)));
  }

  @ParameterizedTest
  @MethodSource("calibrations")
  void everyCalibrationComesBackAsItWas(Calibration calibration) throws IOException {
    Path file = folder.resolve("calibration.json");
    CalibrationFile.write(file, calibration);
    assertThat(CalibrationFile.read(file)).isEqualTo(calibration);
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
        "FORMAT, GOOD, 'prunings': [{}]}",
        "FORMAT, GOOD, 'prunings': [{'computed': 2, 'loss_db': 1, 'visits': {}}]}",
        "FORMAT, GOOD, 'prunings': [{'computed': 2, 'loss_db': 1, 'visits': {'spatial.0': []}}]}",
        "FORMAT, GOOD, 'prunings': [{'computed': 2, 'loss_db': 1, 'visits': {'spatial.0': [2]}}]}",
        "FORMAT, GOOD, 'prunings': [{'computed': 2, 'loss_db': 1, 'visits': {'spatial.0': [1, 1]}}]}",
        "FORMAT, GOOD, 'prunings': [{'computed': 2, 'loss_db': 1, 'visits': {'spatial.0': ['x']}}]}",
        "FORMAT, GOOD, 'prunings': [{'computed': 2, 'loss_db': 'x', 'visits': {'spatial.0': [1]}}]}",
        "FORMAT, GOOD, 'targets': [{}]}",
        "FORMAT, GOOD, 'targets': [{'measure': 'ssim', 'asked': 1, 'passes': 'fold', 'psnr_db': 41, 'speedup': 2, 'computed': 3}]}",
        "FORMAT, GOOD, 'targets': [{'measure': 'psnr', 'asked': 0, 'passes': 'fold', 'psnr_db': 41, 'speedup': 2, 'computed': 3}]}",
        "FORMAT, GOOD, 'targets': [{'measure': 'psnr', 'asked': 40, 'passes': '', 'psnr_db': 41, 'speedup': 2, 'computed': 3}]}",
        "FORMAT, GOOD, 'targets': [{'measure': 'psnr', 'asked': 40, 'passes': 'fold', 'psnr_db': 41, 'speedup': 0, 'computed': 3}]}",
        "FORMAT, GOOD, 'targets': [{'measure': 'psnr', 'asked': 40, 'passes': 'fold', 'speedup': 2, 'computed': 3}]}",
        "FORMAT, GOOD, 'divergence': []}",
        "FORMAT, GOOD, 'divergence': {'cases': 0, 'changes': [1]}}",
        "FORMAT, GOOD, 'divergence': {'cases': 1, 'changes': [1, 2]}}",
        "FORMAT, GOOD, 'divergence': {'cases': 1, 'changes': [-1]}}",
        "FORMAT, GOOD, 'divergence': {'cases': 1, 'changes': [1], 'motion_mean': 0}}",
        "FORMAT, GOOD, 'divergence': {'cases': 1, 'changes': [1], 'motion_mean': 'x'}}",
        "FORMAT, GOOD, 'noise_floors': {}}",
        "FORMAT, GOOD, 'noise_floors': [{}]}",
        "FORMAT, GOOD, 'noise_floors': [{'passes': 'aigq', 'weights': 8, 'activations': 8, 'granularity': 'row', 'floor': 0}]}",
        "FORMAT, GOOD, 'noise_floors': [{'passes': 'aigq', 'weights': 8, 'activations': 8, 'granularity': 'token', 'floor': 1}]}",
        "FORMAT, GOOD, 'rounding': {}}",
        "FORMAT, GOOD, 'rounding': [{}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [1], 'bases': []}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1, 1], 'weights': [[4, 0, 1, 0.1]]}]}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': ['x'], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1, 1], 'weights': [[4, 0, 1, 0.1]]}]}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': -1, 'temporal': 0, 'largest': [1], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1, 1], 'weights': [[4, 0, 1, 0.1]]}]}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [1], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1, 1], 'weights': [[9, 0, 1, 0.1]]}]}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [1], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1, 1], 'weights': [[4, 0, 1]]}]}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [1], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1], 'weights': [[4, 0, 1, 0.1]]}]}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [1], 'bases': [{'balance': 0, 'rotated': 3, 'activations': [1, 1, 1], 'weights': [[4, 0, 1, 0.1]]}]}]}",
        "FORMAT, GOOD, 'rounding': [{'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [1], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1, 1], 'weights': [[4, 0, 1, 0.1]]}]}, {'layer': 'w', 'perceptual': 0, 'temporal': 0, 'largest': [1], 'bases': [{'balance': 0, 'rotated': true, 'activations': [1, 1, 1], 'weights': [[4, 0, 1, 0.1]]}]}]}",
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

  @Test
  void theBestPipelineForATargetCounts() {
    Calibration known = CALIBRATION.with(SLOW).with(FAST).with(SAME);
    assertThat(known.reaching(FAST.target())).contains(FAST);
    assertThat(known.reaching(SAME.target())).contains(SAME);
    assertThat(known.reaching(new Target(Target.Measure.PSNR, 38))).isEmpty();
    MeasuredTarget later = reaching("psnr-37.5", FAST.base(), 40, 3);
    assertThat(known.with(later).targets()).containsExactly(SLOW, SAME, later);
    assertThat(known.with(later).reaching(FAST.target())).contains(SLOW);
  }

  @Test
  void theNearestNoiseFloorCounts() {
    Calibration known = CALIBRATION.withNoise(List.of(COARSE, FINE));
    assertThat(known.noise(new NoiseFloor.Bits(7.75, 8, Granularity.TOKEN))).contains(FINE);
    assertThat(known.noise(new NoiseFloor.Bits(4.25, 8, Granularity.TOKEN))).contains(COARSE);
    assertThat(known.noise(new NoiseFloor.Bits(6, 8, Granularity.TOKEN))).isEmpty();
    assertThat(known.noise(new NoiseFloor.Bits(8, 6, Granularity.TOKEN))).isEmpty();
    assertThat(known.noise(new NoiseFloor.Bits(8, 8, Granularity.TENSOR))).isEmpty();
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
