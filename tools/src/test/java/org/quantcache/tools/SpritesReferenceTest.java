package org.quantcache.tools;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;

/** The trained sample model, compiled, draws what the original code drew. */
@Tag("slow")
class SpritesReferenceTest {
  private static final Path MODEL = Path.of("samples/sprites");
  private static final int THREADS = 2;

  private static Path reference(String name) {
    return MODEL.resolve("reference").resolve(name);
  }

  private static Map<String, List<Long>> sizes(Map<String, Tensor> tensors) {
    Map<String, List<Long>> out = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> out.put(name, tensor.sizes()));
    return out;
  }

  @Test
  void fourPromptsOverThirtyStepsAgreeWithTheOriginal() {
    SamplerSettings sampler = SamplerSettings.read(reference("four-prompts-30-steps.sampler.json"));
    Map<String, Tensor> inputs =
        TensorFile.read(reference("four-prompts-30-steps.inputs.safetensors"));
    Map<String, List<Long>> sizes = sizes(inputs);
    inputs.put("guidance", Tensor.of(List.of(1L), (float) sampler.guidance()));
    try (ModelSource source = ModelSource.open(
            MODEL,
            checkpoint -> StditImporter.of(checkpoint)
                .sample(RequestOfInputs.sample(checkpoint.config(), sizes, sampler))
                .finish(),
            ModelSource.lossless(CompileTarget.CPU, BuildProgress.NONE));
        Program program = Programs.load(source.artifact(), "sample", THREADS, ScalarType.F32)) {
      StepSeries series = new StepSeries("z_steps");
      Map<String, Tensor> found = new LinkedHashMap<>(program.run(inputs, sampler.steps(), series));
      found.put("z_steps", series.stacked());

      Closeness.assertClose(
          found, TensorFile.read(reference("four-prompts-30-steps.outputs.safetensors")), 1e-4);
    }
  }

  @Test
  void oneStepAgreesWithTheOriginal() {
    Map<String, Tensor> inputs = TensorFile.read(reference("step.inputs.safetensors"));
    try (ModelSource source = ModelSource.open(
            MODEL,
            checkpoint -> StditImporter.of(checkpoint)
                .forward(RequestOfInputs.forward(checkpoint.config(), sizes(inputs), List.of()))
                .finish(),
            ModelSource.lossless(CompileTarget.CPU, BuildProgress.NONE));
        Program program = Programs.load(source.artifact(), "forward", THREADS, ScalarType.F32)) {
      Map<String, Tensor> found = program.run(inputs, 1, StepObserver.NONE);

      Closeness.assertClose(found, TensorFile.read(reference("step.outputs.safetensors")), 2e-5);
    }
  }
}
