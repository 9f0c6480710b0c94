package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.passes.calibration.Basis;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.DivergenceCurve;
import org.quantcache.passes.calibration.LayerRounding;
import org.quantcache.passes.calibration.Rounding;
import org.quantcache.tools.calibrate.OneBlockSprites;

/** Calibrations are the same however often they were stopped; plans follow from them. */
@Tag("slow")
class CalibrateTest {
  private static final String MODEL = "samples/sprites";

  @TempDir
  private Path folder;

  private CommandRun calibrate(String name, int cases, String... more) throws IOException {
    Path model = folder.resolve("model");
    if (!Files.exists(model)) {
      OneBlockSprites.write(model);
    }
    List<String> command = new ArrayList<>(List.of("calibrate", model.toString()));
    command.addAll(List.of("--steps", "6", "--cases", Integer.toString(cases)));
    command.addAll(List.of(more));
    command.addAll(List.of("-o", folder.resolve(name).toString()));
    return CommandRun.of(command).assertWorked();
  }

  @Test
  void aCalibrationThatWasStoppedGoesOnToTheSameBytes() throws IOException {
    calibrate("whole.json", 2);
    calibrate("first.json", 1, "--trajectory-only");
    Path whole = folder.resolve("whole.json");
    Path part = folder.resolve("resumed.json.part");
    Path out = folder.resolve("resumed.json");

    Files.move(folder.resolve("first.json"), part);
    assertThat(calibrate("resumed.json", 2).err())
        .contains("case 2 of 2")
        .doesNotContain("case 1 of 2");
    assertThat(out).hasSameBinaryContentAs(whole);
    assertThat(part).doesNotExist();

    Calibration all = CalibrationFile.read(whole);
    List<LayerRounding> layers = all.rounding().orElseThrow().layers();
    CalibrationFile.write(part, all.with(new Rounding(layers.subList(0, 9))));
    assertThat(calibrate("resumed.json", 2).err())
        .doesNotContain("case 1 of 2")
        .doesNotContain("layer " + layers.get(8).key())
        .contains("layer " + layers.get(9).key());
    assertThat(out).hasSameBinaryContentAs(whole);

    aPartThatIsMissingIsAdded(all, whole);
    theProbeMovesMoreThanRoundingDoes(all);
    roundingMattersInEveryLayer(layers);
    planFrom(whole);
    refined(whole);
    pruned(whole);
    reached(whole);
    kept(whole);
    otherModelsAreRefused(whole);
  }

  /** An older result gets what it lacks, and keeps the rest. */
  private void aPartThatIsMissingIsAdded(Calibration all, Path whole) throws IOException {
    Path older = folder.resolve("older.json");
    Calibration without =
        new Calibration(all.model(), all.cases(), all.trajectory(), all.plans(), all.rounding());
    CalibrationFile.write(older, without.withNoise(all.noise().subList(0, 4)));
    assertThat(calibrate("older.json", 2).err())
        .contains("case 1 of 2", "noise of " + all.noise().get(4).passes())
        .doesNotContain("layer ", "noise of " + all.noise().get(0).passes());
    assertThat(older).hasSameBinaryContentAs(whole);
  }

  private static void theProbeMovesMoreThanRoundingDoes(Calibration all) {
    DivergenceCurve curve = all.divergence().orElseThrow();
    assertThat(curve.cases()).isEqualTo(2);
    assertThat(curve.changes()).hasSize(5).allMatch(change -> change > 0.01 && change < 2);
    assertThat(curve.motionMean().orElseThrow()).isBetween(0.001, 1.0);
    assertThat(all.noise()).hasSize(5).allMatch(noise -> noise.floor() > 1e-4);
    double bytes = all.noise().get(0).floor();
    assertThat(bytes).isLessThan(Collections.min(curve.changes()));
    assertThat(all.noise().get(3).bits().weights()).isEqualTo(4);
    assertThat(all.noise().get(3).floor()).isGreaterThan(bytes);
  }

  private static void roundingMattersInEveryLayer(List<LayerRounding> layers) {
    assertThat(layers).hasSize(14).allSatisfy(layer -> {
      assertThat(layer.perceptual()).isPositive().isLessThan(0.5);
      assertThat(layer.temporal()).isPositive().isLessThan(0.5);
      assertThat(Collections.max(layer.largest())).isPositive();
      for (Basis basis : layer.bases()) {
        assertThat(basis.weights().get(0).error()).isBetween(1e-5, 0.2);
        assertThat(basis.activationError(8)).isBetween(1e-8, 1e-2);
      }
    });
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
    String model = folder.resolve("model").toString();
    CommandRun run = CommandRun.of(
            "schedule", calibration.toString(), "--computed", "3", "--refine", model)
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

  /** Layers that a plan can do without are found out, kept and taken from there. */
  private void pruned(Path calibration) {
    String file = calibration.toString();
    String model = folder.resolve("model").toString();
    CommandRun.of("schedule", file, "--computed", "3", "--prune", "1").assertRefused("CL0608");
    CommandRun.of("schedule", file, "--computed", "3", "--refine", model, "--prune", "0")
        .assertRefused("CL0608");
    scheduled(calibration, "--computed 3 --prune-branches 2 --refine " + model)
        .assertRefused("CL0608");
    CommandRun.of("schedule", file, "--computed", "3", "--refine", model, "--further-cases", "-1")
        .assertRefused("CL0611");
    CommandRun run = CommandRun.of(
            "schedule",
            file,
            "--computed",
            "3",
            "--refine",
            model,
            "--prune",
            "1",
            "--further-cases",
            "1")
        .assertWorked();
    assertThat(run.err()).contains("case 3 of 3").contains("without temporal.0.cross:1");
    assertThat(run.out()).containsPattern("srap\\{plan=3,.*leaves out 1 visits");
    assertThat(CalibrationFile.read(calibration).pruning(3))
        .hasValueSatisfying(p -> assertThat(p.visits().keySet())
            .allMatch(
                branch -> branch.matches("(spatial|temporal).0.(attention|cross|feed-forward)"))
            .isNotEmpty());
    String passes = "@none,hlc{plan=3,reuse=linear,reach=1000},srap{plan=%s,reuse=linear}";
    String out = folder.resolve("pruned.qca").toString();
    CommandRun.of(
            "compile", model, "--calibration", file, "--passes", passes.formatted("2"), "-o", out)
        .assertRefused("PA0505");
    CommandRun.of(
            "compile", model, "--calibration", file, "--passes", passes.formatted("3"), "-o", out)
        .assertWorked();
    assertThat(CommandRun.of("inspect", out).assertWorked().out())
        .contains("1 layers or branches of them may be left out, 1 times as planned");
  }

  private CommandRun scheduled(Path calibration, String options) {
    List<String> command = new ArrayList<>(List.of("schedule", calibration.toString()));
    command.addAll(List.of(options.split(" ")));
    return CommandRun.of(command);
  }

  /** A stated quality leads to a pipeline that has it, always the same one; what cannot be is said. */
  private void reached(Path calibration) {
    String model = " --model " + folder.resolve("model");
    CommandRun plan = scheduled(calibration, "--psnr 25" + model).assertWorked();
    assertThat(plan.out()).containsPattern("@none,hlc\\{plan=6:0/[0-9/]+,reuse=linear,reach=1000}");
    assertThat(Double.parseDouble(plan.out().lines().toList().get(1).split(" ")[0]))
        .isGreaterThanOrEqualTo(25);
    assertThat(scheduled(calibration, "--psnr 25" + model)
            .assertWorked()
            .out()
            .lines()
            .findFirst())
        .isEqualTo(plan.out().lines().findFirst());
    CommandRun book = scheduled(
            calibration, "--psnr 20 --codebook 0.1:3/1 --passes @none,aigq --reuse hold" + model)
        .assertWorked();
    assertThat(book.out()).containsPattern("@none,aigq,hlc\\{codebook=[0-9.]+:3/1}");
    assertThat(scheduled(calibration, "--speedup 1000" + model)
            .assertRefused("CL0610")
            .err())
        .contains("the best one has", "hint: ");
    scheduled(calibration, "--psnr -1" + model).assertRefused("PA0603");
    scheduled(calibration, "--psnr 30").assertRefused("CL0608");
    scheduled(calibration, "--computed 3" + model).assertRefused("CL0608");
    scheduled(calibration, "--psnr 30 --speedup 3" + model).assertMisused();
    scheduled(calibration, "--psnr 30 --codebook 0.2:3/0.1:2/1" + model).assertRefused("PA0503");
    scheduled(calibration, "--psnr 30 --passes nothing" + model).assertRefused("PA0101");
  }

  /** What reaches a target is kept with the calibration, and models are compiled by its name. */
  private void kept(Path calibration) {
    Path known = folder.resolve("known.json");
    String out = folder.resolve("reached.qca").toString();
    String model = folder.resolve("model").toString();
    String ask = " --model " + model + " -o " + known;
    assertThat(scheduled(calibration, "--psnr 25" + ask).assertWorked().err())
        .contains("--calibration " + known + " --preset psnr-25");
    scheduled(known, "--psnr 20 --codebook" + ask).assertWorked();
    scheduled(known, "--psnr 25" + ask).assertWorked();
    assertThat(CalibrationFile.read(known).targets())
        .extracting(found -> found.target().name())
        .containsExactly("psnr-20", "psnr-25");
    for (String choice : List.of("--preset psnr-20", "--preset psnr-25", "--passes @psnr-25")) {
      List<String> command =
          new ArrayList<>(List.of("compile", model, "--calibration", known.toString(), "-o", out));
      command.addAll(List.of(choice.split(" ")));
      CommandRun.of(command).assertWorked();
    }
    assertThat(CommandRun.of("inspect", out).assertWorked().out()).contains("guard ");
    assertThat(CommandRun.of("compile", model, "--preset", "psnr-30", "-o", out)
            .assertRefused("PA0109")
            .err())
        .contains("--psnr 30 --model");
    scheduled(calibration, "--psnr 25 --model " + model + " -o " + folder).assertRefused("RT0301");
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
        .assertRefused("PA0701");
    CommandRun.of(
            "compile", other, "--latent", "2,4,4", "--preset", "quality", "-o", out.toString())
        .assertRefused("PA0505");
    assertThat(out).doesNotExist();
  }

  @Test
  void theTrajectoryAloneNeedsNoRounding() throws IOException {
    Path model = OneBlockSprites.write(folder.resolve("model"));
    Path out = folder.resolve("trajectory.json");
    CommandRun run = CommandRun.of(
            "calibrate",
            model.toString(),
            "--steps",
            "3",
            "--cases",
            "1",
            "--trajectory-only",
            "-o",
            out.toString())
        .assertWorked();
    assertThat(run.err()).doesNotContain("layer ");
    assertThat(CalibrationFile.read(out).rounding()).isEmpty();
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
