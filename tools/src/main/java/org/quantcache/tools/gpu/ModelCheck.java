package org.quantcache.tools.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** Whole programs of the sample model on the cuda device against the reference device, which runs the same text. */
public final class ModelCheck {
  private static final int STEPS = 3;
  /** More would multiply the rounding of both halves by itself. */
  private static final double GUIDANCE = 1;

  private static final long SEED = 42;
  private static final String PROMPT = "a blue square moving left slow";

  /**
   * A program of the model.
   *
   * @param name of the check and its file
   * @param passes pipeline text
   * @param bound largest relative L2 distance of the latents
   */
  public record Build(String name, String passes, double bound) {
    /** Name of its artifact. */
    public String file() {
      return name + ".qca";
    }
  }

  /** Without any loss but that of 16 bits, and with whatever the published method does. Rounding may fall on either side. */
  public static final List<Build> BUILDS =
      List.of(new Build("lossless", "@none", 1e-2), new Build("paper", "@paper", 1.5e-2));

  /** The build whose decisions other models may replay. */
  static final Build DECIDING = BUILDS.get(1);

  private ModelCheck() {}

  /** Compiles a build of the model in a folder. @throws UserError IM.., CG04xx, RT0301 */
  public static void write(
      Path model, Build build, CompileTarget target, BuildProgress progress, Path out) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      SampleModel sample = SampleModel.of(model);
      ModelCompiler.Request request = new ModelCompiler.Request(
          target, "host", build.passes(), calibration(model), List.of(), progress);
      ModelCompiler.compile(
          SampleModule.lift(checkpoint, sample), checkpoint.weights(), sample, request, out);
    }
  }

  private static Optional<Calibration> calibration(Path model) {
    return Calibrations.find(null, model);
  }

  /**
   * Runs a build.
   *
   * @param model folder of the model that the artifact was compiled from
   * @param each told of every result as it is there
   */
  public static void run(
      Path model, Build build, ArtifactReader artifact, Consumer<CheckResult> each) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      WeightStore weights = BalancedWeights.of(checkpoint.weights(), calibration(model));
      SampleModel sample = SampleModel.of(artifact.manifest().settings());
      try (Program device = CudaProgram.load(artifact, "sample");
          Program reference = new ReferenceProgram(Programs.module(artifact), "sample", weights)) {
        Map<String, Tensor> inputs = SampleInputs.prompted(
            device.signature(),
            sample,
            sample.sampler().withSteps(STEPS).withGuidance(GUIDANCE),
            List.of(PROMPT),
            SEED);
        each.accept(check(build, device, reference, inputs));
      }
    }
  }

  /** What a build decides by itself in a loop of so many steps. @throws UserError IM.., RT02xx, RT05xx */
  static DecisionTrace decisions(ArtifactReader artifact, int steps) {
    SampleModel sample = SampleModel.of(artifact.manifest().settings());
    AtomicReference<DecisionTrace> trace = new AtomicReference<>();
    try (Program program = CudaProgram.load(artifact, "sample")) {
      Map<String, Tensor> inputs = SampleInputs.prompted(
          program.signature(), sample, sample.sampler().withSteps(steps), List.of(PROMPT), SEED);
      program.run(inputs, steps, into(trace));
    }
    return trace.get();
  }

  private static StepObserver into(AtomicReference<DecisionTrace> trace) {
    return new StepObserver() {
      @Override
      public void decided(DecisionTrace made) {
        trace.set(made);
      }
    };
  }

  /** The reference device decides, the other one replays, so that a metric beside its threshold changes nothing. */
  private static CheckResult check(
      Build build, Program device, Program reference, Map<String, Tensor> inputs) {
    AtomicReference<DecisionTrace> trace = new AtomicReference<>();
    Tensor expected =
        reference.run(inputs, STEPS, into(trace), DecisionMode.ADAPTIVE).get("output");
    DecisionMode replay =
        trace.get() == null ? DecisionMode.ADAPTIVE : DecisionMode.replay(trace.get());
    Tensor found = device.run(inputs, STEPS, StepObserver.NONE, replay).get("output");
    List<String> details = new ArrayList<>();
    double distance = relativeL2(found, expected);
    details.add(String.format(Locale.ROOT, "%d steps, relative L2 %.1e", STEPS, distance));
    boolean repeats = true;
    if (trace.get() != null) {
      details.add("decisions replayed");
    }
    Tensor again = device.run(inputs, STEPS, StepObserver.NONE, replay).get("output");
    if (!Arrays.equals(found.floats(), again.floats())) {
      repeats = false;
      details.add("a second run gives other bits");
    }
    return new CheckResult(
        "sprites_" + build.name(),
        distance <= build.bound() && repeats,
        String.join(", ", details));
  }

  static double relativeL2(Tensor found, Tensor expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.count(); i++) {
      difference += Math.pow(found.get(i) - expected.get(i), 2);
      norm += Math.pow(expected.get(i), 2);
    }
    return Math.sqrt(difference / norm);
  }
}
