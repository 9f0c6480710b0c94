package org.quantcache.tools.calibrate;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.MeasuredPlan;
import org.quantcache.passes.calibration.Planner;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * Tries out plans of computed steps in whole runs of the calibration cases. What a planner expects leaves out how the
 * network reacts to the error of earlier steps; a run does not.
 */
public final class PlanRefiner implements AutoCloseable {
  /** Any plan: decisions are replayed. */
  private static final String PASSES = "@none,hlc{codebook=1,reuse=%s,reach=1000}";

  private static final String GUARD = "stack";

  private final Calibration calibration;
  private final boolean linear;
  private final ModelSource source;
  private final Program program;
  private final List<Map<String, Tensor>> inputs = new ArrayList<>();
  private final List<FloatBuffer> expected = new ArrayList<>();

  /**
   * Compiles the model and generates the calibration cases in full. A calibration of another model is refused with CL0602.
   *
   * @param model folder of the model that the calibration was made for
   * @param linear whether steps that are not computed continue a line
   * @param progress told what is going on
   */
  public PlanRefiner(
      Path model, Calibration calibration, boolean linear, int threads, Consumer<String> progress) {
    this.calibration = calibration;
    this.linear = linear;
    SampleModel sample = SampleModel.of(model);
    this.source = ModelSource.open(
        model,
        checkpoint -> SampleModule.lift(checkpoint, sample),
        ModelCompiler.Request.of(
                ModelCompiler.Target.CPU, PASSES.formatted(linear ? "linear" : "hold"))
            .with(Optional.of(calibration)));
    this.program = Programs.load(source.artifact(), "sample", threads, ScalarType.F32);
    for (Case one : calibration.cases()) {
      progress.accept("case " + (1 + expected.size()) + " of "
          + calibration.cases().size() + ": " + one.prompt());
      inputs.add(SampleInputs.prompted(
          program.signature(),
          sample,
          sample.sampler().withSteps(steps()),
          List.of(one.prompt()),
          one.seed()));
      expected.add(latents(inputs.size() - 1, DecisionMode.ALWAYS));
    }
  }

  private int steps() {
    return calibration.trajectory().steps();
  }

  private FloatBuffer latents(int number, DecisionMode mode) {
    FloatBuffer found = program
        .run(inputs.get(number), steps(), StepObserver.NONE, mode)
        .get("output")
        .data()
        .asFloatBuffer();
    return FloatBuffer.allocate(found.capacity()).put(found).rewind();
  }

  /**
   * The plan of the best quality that moving steps leads to.
   *
   * @param computed how many steps are computed
   * @param progress told how many plans were tried
   */
  public MeasuredPlan refine(int computed, Consumer<String> progress) {
    int[] tried = new int[1];
    PlanSearch search = new PlanSearch(steps(), plan -> {
      double quality = quality(plan);
      progress.accept(
          "%d computed steps, plan %d: %.2f dB".formatted(computed, ++tried[0], quality));
      return quality;
    });
    List<Integer> best =
        search.from(Planner.plan(calibration.trajectory(), computed, linear).computed());
    return new MeasuredPlan(linear, best, search.qualityOf(best));
  }

  /** Quality of a plan: latents of the full runs over their error, in dB, mean over all cases. */
  double quality(List<Integer> computed) {
    DecisionMode mode = DecisionMode.replay(trace(steps(), computed));
    double sum = 0;
    for (int i = 0; i < inputs.size(); i++) {
      sum += SignalToError.db(latents(i, mode), expected.get(i));
    }
    return sum / inputs.size();
  }

  /** A plan as decisions to replay. */
  public static DecisionTrace trace(int steps, List<Integer> computed) {
    Set<Integer> planned = new HashSet<>(computed);
    List<Decision> decisions = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      decisions.add(Decision.unmeasured(step, planned.contains(step)));
    }
    return new DecisionTrace(steps, Map.of(GUARD, decisions), Map.of());
  }

  @Override
  public void close() {
    program.close();
    source.close();
  }
}
