package org.quantcache.tools.calibrate;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * Tries out decisions in whole runs. What is foretold from calibrated errors leaves out how the
 * network reacts to the error of earlier steps; a run does not.
 */
final class Trials implements AutoCloseable {
  private final int steps;
  private final ModelSource source;
  private final Program program;
  private final List<Map<String, Tensor>> inputs = new ArrayList<>();
  private final List<FloatBuffer> expected = new ArrayList<>();

  /**
   * Compiles the model and generates the cases with everything computed. A calibration of another model is
   * refused with CL0602.
   *
   * @param model folder of the model that the calibration was made for
   * @param cases what is generated
   * @param passes pipeline with guards or branches
   * @param progress told what is going on
   */
  Trials(
      Path model,
      Calibration calibration,
      List<Case> cases,
      String passes,
      int threads,
      Consumer<String> progress) {
    this.steps = calibration.trajectory().steps();
    SampleModel sample = SampleModel.of(model);
    this.source = ModelSource.open(
        model,
        checkpoint -> SampleModule.lift(checkpoint, sample),
        ModelCompiler.Request.of(CompileTarget.CPU, passes).with(Optional.of(calibration)));
    this.program = Programs.load(source.artifact(), "sample", threads, ScalarType.F32);
    for (Case one : cases) {
      progress.accept(
          "case " + (1 + expected.size()) + " of " + cases.size() + ": " + one.prompt());
      inputs.add(SampleInputs.of(program.signature(), sample, steps, one));
      expected.add(latents(inputs.size() - 1, DecisionMode.ALWAYS));
    }
  }

  private FloatBuffer latents(int number, DecisionMode mode) {
    FloatBuffer found = program
        .run(inputs.get(number), steps, StepObserver.NONE, mode)
        .get("output")
        .data()
        .asFloatBuffer();
    return FloatBuffer.allocate(found.capacity()).put(found).rewind();
  }

  /** Quality of decisions: latents of the full runs over their error, squared, in dB; mean over all cases. */
  double quality(DecisionTrace decisions) {
    DecisionMode mode = DecisionMode.replay(decisions);
    double sum = 0;
    for (int i = 0; i < inputs.size(); i++) {
      sum += SignalToError.db(latents(i, mode), expected.get(i));
    }
    return sum / inputs.size();
  }

  @Override
  public void close() {
    program.close();
    source.close();
  }
}
