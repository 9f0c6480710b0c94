package org.quantcache.tools.calibrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.Fingerprint;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.Trajectory;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * Runs a model on a few prompts and learns from it. What is done after each run is kept beside the result, so that a
 * calibration that was stopped goes on where it was.
 */
public final class Calibrator {
  private static final String PASSES = "@none,observe";

  private final Path model;
  private final int steps;
  private final List<Case> cases;
  private final int threads;

  /**
   * @param model folder of the model
   * @param steps length of the sampling loop, 2..200
   * @param cases what is generated
   * @param threads of the cpu device
   */
  public Calibrator(Path model, int steps, List<Case> cases, int threads) {
    this.model = model;
    this.steps = steps;
    this.cases = List.copyOf(cases);
    this.threads = threads;
  }

  /**
   * Calibrates.
   *
   * @param out where the result goes; what is not finished is beside it, with {@code .part} behind the name
   * @param progress told the case that starts, and its number
   */
  public Calibration run(Path out, ObjIntConsumer<Case> progress) {
    Path part = out.resolveSibling(out.getFileName() + ".part");
    String fingerprint = fingerprint();
    List<Case> done = new ArrayList<>();
    double[][] sums = new double[steps][steps];
    List<Double> stepSizes = new ArrayList<>();
    resume(part, fingerprint, done, sums);
    SampleModel sample = SampleModel.of(model);
    SamplerSettings settings = sample.sampler().withSteps(steps);
    try (ModelSource source = ModelSource.open(
            model,
            checkpoint -> SampleModule.lift(checkpoint, sample),
            ModelCompiler.Request.of(ModelCompiler.Target.CPU, PASSES));
        Program program = Programs.load(source.artifact(), "sample", threads, ScalarType.F32)) {
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
        stepSizes = stepSizes(results.get("timesteps"), settings);
        done.add(one);
        Path file = i + 1 < cases.size() ? part : out;
        CalibrationFile.write(
            file, new Calibration(fingerprint, done, trajectory(sums, stepSizes), List.of()));
        // Going on with what the file holds gives the same result whether it was stopped or not.
        copy(CalibrationFile.read(file).trajectory(), sums);
      }
    }
    delete(part);
    return CalibrationFile.read(out);
  }

  private String fingerprint() {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      return Fingerprint.of(checkpoint.weights());
    }
  }

  /** Takes over what an earlier run of the same cases on the same model has done. */
  private void resume(Path part, String fingerprint, List<Case> done, double[][] sums) {
    if (!Files.exists(part)) {
      return;
    }
    Calibration earlier = CalibrationFile.read(part);
    boolean same = earlier.model().equals(fingerprint)
        && earlier.trajectory().steps() == steps
        && earlier.cases().size() < cases.size()
        && earlier.cases().equals(cases.subList(0, earlier.cases().size()));
    if (!same) {
      return;
    }
    done.addAll(earlier.cases());
    copy(earlier.trajectory(), sums);
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
