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
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.Rounding;
import org.quantcache.passes.calibration.Trajectory;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * Runs a model on a few prompts and learns from it. What is done after each run is kept beside the result, so that a
 * calibration that was stopped goes on where it was.
 */
public final class Calibrator {
  private static final String TRAJECTORY = "@none,observe";
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
   * @param rounding whether it is measured what rounding costs, beside the trajectory
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
   * @param layers told the layer that is measured
   */
  public Calibration run(Path out, ObjIntConsumer<Case> progress, Consumer<String> layers) {
    Path part = out.resolveSibling(out.getFileName() + ".part");
    String fingerprint = fingerprint();
    Optional<Calibration> earlier = earlier(part, fingerprint);
    SampleModel sample = SampleModel.of(model);
    try (ModelSource source = ModelSource.open(
            model,
            checkpoint -> SampleModule.lift(checkpoint, sample),
            ModelCompiler.Request.of(
                ModelCompiler.Target.CPU, rounding ? TRAJECTORY + INPUTS : TRAJECTORY));
        CpuProgram program = CpuProgram.load(source.artifact(), "sample", threads)) {
      if (earlier.isEmpty() || earlier.get().cases().size() < cases.size()) {
        followTrajectory(program, part, fingerprint, earlier, progress);
      }
      Calibration followed = CalibrationFile.read(part);
      if (rounding) {
        Rounding measured = new RoundingCalibrator(model, steps, cases)
            .run(
                source.artifact(),
                program,
                followed.rounding(),
                layers,
                r -> CalibrationFile.write(part, followed.with(r)));
        CalibrationFile.write(out, followed.with(measured));
      } else {
        CalibrationFile.write(out, followed);
      }
    }
    delete(part);
    return CalibrationFile.read(out);
  }

  private void followTrajectory(
      Program program,
      Path part,
      String fingerprint,
      Optional<Calibration> earlier,
      ObjIntConsumer<Case> progress) {
    List<Case> done = new ArrayList<>();
    double[][] sums = new double[steps][steps];
    earlier.ifPresent(known -> {
      done.addAll(known.cases());
      copy(known.trajectory(), sums);
    });
    SampleModel sample = SampleModel.of(model);
    SamplerSettings settings = sample.sampler().withSteps(steps);
    for (int i = done.size(); i < cases.size(); i++) {
      Case one = cases.get(i);
      progress.accept(one, i);
      TrajectorySums trajectory = new TrajectorySums();
      Map<String, Tensor> results = program.run(
          SampleInputs.prompted(
              program.signature(), sample, settings, List.of(one.prompt()), one.seed()),
          steps,
          trajectory);
      double[][] products = trajectory.products();
      for (int s = 0; s < steps; s++) {
        for (int t = 0; t < steps; t++) {
          sums[s][t] = (sums[s][t] * i + products[s][t]) / (i + 1);
        }
      }
      List<Double> stepSizes = stepSizes(results.get("timesteps"), settings);
      done.add(one);
      CalibrationFile.write(
          part,
          new Calibration(
              fingerprint,
              done,
              trajectory(sums, stepSizes),
              List.of(),
              List.of(),
              Optional.empty()));
      // Going on with what the file holds gives the same result whether it was stopped or not.
      copy(CalibrationFile.read(part).trajectory(), sums);
    }
  }

  private String fingerprint() {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      return Fingerprint.of(checkpoint.weights());
    }
  }

  /** What an earlier run of the same cases on the same model has done. */
  private Optional<Calibration> earlier(Path part, String fingerprint) {
    if (!Files.exists(part)) {
      return Optional.empty();
    }
    Calibration earlier = CalibrationFile.read(part);
    boolean same = earlier.model().equals(fingerprint)
        && earlier.trajectory().steps() == steps
        && earlier.cases().size() <= cases.size()
        && earlier.cases().equals(cases.subList(0, earlier.cases().size()));
    return same ? Optional.of(earlier) : Optional.empty();
  }

  private static void copy(Trajectory trajectory, double[][] sums) {
    for (int s = 0; s < sums.length; s++) {
      for (int t = 0; t < sums.length; t++) {
        sums[s][t] = trajectory.products().get(s).get(t);
      }
    }
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

  private static Trajectory trajectory(double[][] products, List<Double> stepSizes) {
    List<List<Double>> rows = new ArrayList<>();
    for (double[] row : products) {
      List<Double> values = new ArrayList<>();
      for (double value : row) {
        values.add(value);
      }
      rows.add(values);
    }
    return new Trajectory(rows, stepSizes);
  }

  private static void delete(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot remove %s: %s", part, e.getMessage()).causedBy(e);
    }
  }
}
