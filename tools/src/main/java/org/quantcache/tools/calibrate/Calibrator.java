package org.quantcache.tools.calibrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.Fingerprint;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.DivergenceCurve;
import org.quantcache.passes.calibration.Rounding;
import org.quantcache.passes.calibration.Trajectory;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Observers;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * Runs a model on a few prompts and learns from it. What is done after each run is kept beside the result, so that a
 * calibration that was stopped goes on where it was. A result of the same cases that lacks a part gets that part, and keeps
 * all others as they are.
 */
public final class Calibrator {
  private static final String TRAJECTORY = "@none,observe,observe{values=probe}";
  private static final String INPUTS = ",observe{values=inputs}";

  private final Path model;
  private final int steps;
  private final List<Case> cases;
  private final int threads;
  private final boolean rounding;

  /**
   * @param model folder of the model
   * @param steps length of the sampling loop, 2..200
   * @param cases what is generated
   * @param threads of the cpu device
   * @param rounding whether it is measured what rounding costs and how much noise it makes, beside the trajectory
   */
  public Calibrator(Path model, int steps, List<Case> cases, int threads, boolean rounding) {
    this.model = model;
    this.steps = steps;
    this.cases = List.copyOf(cases);
    this.threads = threads;
    this.rounding = rounding;
  }

  /**
   * Calibrates.
   *
   * @param out where the result goes; what is not finished is beside it, with {@code .part} behind the name
   * @param progress told the case that starts, and its number
   * @param parts told the layer or the grid that is measured
   */
  public Calibration run(Path out, ObjIntConsumer<Case> progress, Consumer<String> parts) {
    Path part = out.resolveSibling(out.getFileName() + ".part");
    String fingerprint = fingerprint();
    Optional<Calibration> earlier = earlier(part, fingerprint).or(() -> earlier(out, fingerprint));
    SampleModel sample = SampleModel.of(model);
    try (ModelSource source = ModelSource.open(
            model,
            checkpoint -> SampleModule.lift(checkpoint, sample),
            ModelCompiler.Request.of(
                CompileTarget.CPU, rounding ? TRAJECTORY + INPUTS : TRAJECTORY));
        CpuProgram program = CpuProgram.load(source.artifact(), "sample", threads)) {
      earlier.ifPresent(known -> CalibrationFile.write(part, known));
      follow(program, part, fingerprint, earlier, progress);
      if (rounding) {
        round(source.artifact(), program, part, parts);
      }
    }
    Calibration done = CalibrationFile.read(part);
    CalibrationFile.write(out, done);
    delete(part);
    return done;
  }

  private void round(
      ArtifactReader artifact, CpuProgram program, Path part, Consumer<String> parts) {
    Calibration followed = CalibrationFile.read(part);
    Rounding measured = new RoundingCalibrator(model, steps, cases)
        .run(
            artifact,
            program,
            followed.rounding(),
            key -> parts.accept("layer " + key),
            r -> CalibrationFile.write(part, followed.with(r)));
    CalibrationFile.write(part, followed.with(measured));
    // Grids are chosen by what the file holds, so they are the same whether it was stopped or not.
    Calibration rounded = CalibrationFile.read(part);
    new NoiseCalibrator(model, steps, cases, threads)
        .run(
            program,
            rounded,
            parts,
            noise -> CalibrationFile.write(part, rounded.withNoise(noise)));
  }

  /** Runs the cases that the trajectory or the divergence lacks. */
  private void follow(
      Program program,
      Path part,
      String fingerprint,
      Optional<Calibration> earlier,
      ObjIntConsumer<Case> progress) {
    SampleModel sample = SampleModel.of(model);
    Optional<Calibration> known = earlier;
    int followed = known.map(c -> c.cases().size()).orElse(0);
    int probed =
        known.flatMap(Calibration::divergence).map(DivergenceCurve::cases).orElse(0);
    for (int i = Math.min(followed, probed); i < cases.size(); i++) {
      Case one = cases.get(i);
      progress.accept(one, i);
      TrajectorySums trajectory = new TrajectorySums();
      ProbeFollower probe = new ProbeFollower();
      Map<String, Tensor> results = program.run(
          SampleInputs.of(program.signature(), sample, steps, one),
          steps,
          new Observers(List.of(trajectory, probe)));
      Calibration next = i < followed
          ? known.orElseThrow()
          : longer(
              known,
              fingerprint,
              i,
              trajectory.products(),
              stepSizes(results.get("timesteps"), sample.sampler()));
      Optional<DivergenceCurve> curve =
          i < probed ? Optional.empty() : probe.after(next.divergence());
      CalibrationFile.write(part, curve.map(next::with).orElse(next));
      // Going on with what the file holds gives the same result whether it was stopped or not.
      known = Optional.of(CalibrationFile.read(part));
    }
  }

  /** One case more; what was measured of fewer cases beside the trajectory does not count any more. */
  private Calibration longer(
      Optional<Calibration> known,
      String fingerprint,
      int number,
      double[][] products,
      List<Double> stepSizes) {
    List<List<Double>> rows = new ArrayList<>();
    for (int s = 0; s < steps; s++) {
      List<Double> row = new ArrayList<>();
      for (int t = 0; t < steps; t++) {
        double before =
            known.isPresent() ? known.get().trajectory().products().get(s).get(t) : 0;
        row.add((before * number + products[s][t]) / (number + 1));
      }
      rows.add(row);
    }
    return new Calibration(
        fingerprint,
        cases.subList(0, number + 1),
        new Trajectory(rows, stepSizes),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        known.flatMap(Calibration::divergence),
        List.of());
  }

  private String fingerprint() {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      return Fingerprint.of(checkpoint.weights());
    }
  }

  /** What a file holds of an earlier run of the same cases on the same model. */
  private Optional<Calibration> earlier(Path file, String fingerprint) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Calibration earlier = CalibrationFile.read(file);
    boolean same = earlier.model().equals(fingerprint)
        && earlier.trajectory().steps() == steps
        && earlier.cases().size() <= cases.size()
        && earlier.cases().equals(cases.subList(0, earlier.cases().size()));
    return same ? Optional.of(earlier) : Optional.empty();
  }

  /** Differences of the time grid {@code [steps, videos]}, as parts of the whole way. */
  private static List<Double> stepSizes(Tensor grid, SamplerSettings settings) {
    int columns = (int) grid.size(1);
    List<Double> out = new ArrayList<>();
    for (int step = 0; step < grid.size(0); step++) {
      double next = step + 1 < grid.size(0) ? grid.get((step + 1) * columns) : 0;
      out.add((grid.get(step * columns) - next) / settings.trainSteps());
    }
    return out;
  }

  private static void delete(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot remove %s: %s", part, e.getMessage()).causedBy(e);
    }
  }
}
