package org.quantcache.tools;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;

/** Compiled artifacts agree with the original code, on every device. */
abstract class GoldenCompiled {
  @TempDir
  private Path folder;

  static Stream<String> forward() {
    return GoldenCase.FORWARD.stream();
  }

  static Stream<String> sample() {
    return GoldenCase.SAMPLE.stream();
  }

  @ParameterizedTest
  @MethodSource("forward")
  void forwardPassAgreesWithTheOriginal(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (ArtifactReader artifact = ArtifactReader.open(compile(golden));
        CompiledProgram program = load(artifact, "forward")) {
      Map<String, Tensor> found = program.run(golden.inputs(), 1, StepObserver.NONE);
      Closeness.assertClose(found, golden.outputs(), forwardBound());
    }
  }

  @ParameterizedTest
  @MethodSource("sample")
  void samplingLoopAgreesWithTheOriginal(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (ArtifactReader artifact = ArtifactReader.open(compile(golden));
        CompiledProgram program = load(artifact, "sample")) {
      StepSeries series = new StepSeries("z_steps");
      Map<String, Tensor> found =
          new HashMap<>(program.run(golden.sampleInputs(), golden.sampler().steps(), series));
      found.put("z_steps", series.stacked());
      Closeness.assertClose(found, golden.outputs(), sampleBound());
    }
  }

  /** Largest relative L2 distance of a forward pass. */
  double forwardBound() {
    return 2e-5;
  }

  /** The same of a whole loop. */
  double sampleBound() {
    return 1e-4;
  }

  /** Passes that the device needs behind the lossless ones. */
  abstract String targetPasses();

  /** Writes the artifact of a planned module. */
  abstract void write(
      Path out, IrModule module, WeightStore weights, ArtifactWriter.Details details);

  /** A function of an artifact on the device. */
  abstract CompiledProgram load(ArtifactReader artifact, String function);

  private Path compile(GoldenCase golden) {
    Path out = folder.resolve("model.qca");
    try (Checkpoint checkpoint = golden.checkpoint()) {
      IrModule module = golden.lift(checkpoint);
      Pipeline pipeline = AllPasses.parse("@none," + targetPasses());
      new PassManager(StandardOps.registry(), List.of()).run(pipeline, module);
      write(
          out,
          module,
          checkpoint.weights(),
          new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()));
    }
    return out;
  }
}
