package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** The sample model on the emulation of a card: as the interpreter computes the same program, deciding as the cpu does. */
@Tag("slow")
class CudaSpritesTest {
  private static final Path MODEL = Path.of("samples/sprites");
  private static final Calibration.Case SHOWN =
      new Calibration.Case("a red circle moving right", 7);
  private static final SampleModel SAMPLE = SampleModel.of(MODEL);

  @TempDir
  private Path folder;

  /**
   * Activations of 16 bits and values on grids round differently wherever a sum was added in another order, and differences
   * grow from layer to layer up to what rounding alone causes. So the measure is how far the interpreter is from itself when
   * its inputs move by a millionth.
   */
  @ParameterizedTest
  @ValueSource(strings = {"@fast", "@paper"})
  void agreesWithTheInterpreterAsItAgreesWithItself(String preset) {
    Optional<Calibration> calibration = Calibrations.find(null, MODEL);
    Path path = folder.resolve("model.qca");
    try (Checkpoint checkpoint = Checkpoint.open(MODEL)) {
      IrModule module = SampleModule.lift(checkpoint, SAMPLE);
      WeightStore weights = BalancedWeights.of(checkpoint.weights(), calibration);
      Pipeline pipeline = AllPasses.parse(preset + "," + AllPasses.CUDA_PASSES, calibration);
      new PassManager(StandardOps.registry(), List.of()).run(pipeline, module);
      ArtifactWriter.writeCuda(
          path,
          module,
          weights,
          CudaTarget.of(List.of(CudaTarget.EMULATED)),
          new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
          BuildProgress.NONE);
      ReferenceProgram reference = new ReferenceProgram(module, "sample", weights);
      int steps = 2;
      Map<String, Tensor> inputs = SampleInputs.of(reference.signature(), SAMPLE, steps, SHOWN);
      List<DecisionTrace> traces = new ArrayList<>();
      Tensor found;
      try (ArtifactReader artifact = ArtifactReader.open(path);
          Program program = CudaProgram.load(artifact, "sample")) {
        found = program.run(inputs, steps, listener(traces)).get("output");
      }
      DecisionMode mode =
          traces.isEmpty() ? DecisionMode.ADAPTIVE : DecisionMode.replay(traces.get(0));
      Tensor expected = run(reference, inputs, steps, mode);
      Tensor moved = run(reference, moved(inputs), steps, mode);
      double distance = distance(found, expected);
      double sensitivity = distance(moved, expected);
      System.out.printf(
          "%s: %.1e to the interpreter, %.1e of the interpreter to itself%n",
          preset, distance, sensitivity);
      assertThat(distance).isLessThan(Math.max(1e-3, 2 * sensitivity));
    }
  }

  @Test
  void decidesAsTheCpuDeviceDoes() {
    List<Decision> cpu = decisions(CompileTarget.CPU);
    List<Decision> cuda = decisions(CompileTarget.parse("cuda:" + CudaTarget.EMULATED));
    for (int step = 0; step < cpu.size(); step++) {
      assertThat(cuda.get(step).computed())
          .as("step %d", step)
          .isEqualTo(cpu.get(step).computed());
      if (cpu.get(step).divergence().isPresent()) {
        double expected = cpu.get(step).divergence().getAsDouble();
        assertThat(cuda.get(step).divergence().orElseThrow())
            .as("divergence of step %d", step)
            .isBetween(0.9 * expected, 1.1 * expected);
      }
    }
    assertThat(cpu.stream().filter(Decision::computed).count()).isBetween(5L, 15L);
  }

  private static List<Decision> decisions(CompileTarget target) {
    int steps = 30;
    List<DecisionTrace> traces = new ArrayList<>();
    try (ModelSource source = ModelSource.open(
            MODEL,
            checkpoint -> SampleModule.lift(checkpoint, SAMPLE),
            ModelCompiler.Request.of(target, AllPasses.preset("adacache")));
        Program program = Programs.load(source.artifact(), "sample", 2, ScalarType.F32)) {
      program.run(
          SampleInputs.of(program.signature(), SAMPLE, steps, SHOWN), steps, listener(traces));
    }
    assertThat(traces).hasSize(1);
    return traces.get(0).guards().get("stack");
  }

  private static StepObserver listener(List<DecisionTrace> traces) {
    return new StepObserver() {
      @Override
      public void decided(DecisionTrace trace) {
        traces.add(trace);
      }
    };
  }

  private static Tensor run(
      Program program, Map<String, Tensor> inputs, int steps, DecisionMode mode) {
    return program.run(inputs, steps, StepObserver.NONE, mode).get("output");
  }

  /** The same inputs with noise that is another by up to three millionths. */
  private static Map<String, Tensor> moved(Map<String, Tensor> inputs) {
    Tensor noise = inputs.get("z");
    Tensor other = Tensor.zeros(noise.element(), noise.sizes());
    for (int i = 0; i < noise.count(); i++) {
      other.set(i, noise.get(i) * (1 + 1e-6 * (i % 7 - 3)));
    }
    Map<String, Tensor> out = new LinkedHashMap<>(inputs);
    out.put("z", other);
    return out;
  }

  private static double distance(Tensor found, Tensor expected) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.count(); i++) {
      difference += Math.pow(found.get(i) - expected.get(i), 2);
      size += Math.pow(expected.get(i), 2);
    }
    return Math.sqrt(difference / size);
  }
}
