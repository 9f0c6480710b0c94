package org.quantcache.tools.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.bench.Timing;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;

/** One lossless network step of the sample model against ONNX Runtime on the same network and inputs. */
public final class StepBenchmark {
  private static final int WARM_UP = 2;
  private static final int REPEATS = 3;

  private StepBenchmark() {}

  /**
   * Medians of interleaved runs.
   *
   * @param onnxDifference relative L2 of ONNX Runtime's output against the original's
   * @param difference relative L2 of ours
   */
  public record Row(
      int threads,
      double millis,
      double onnxMillis,
      double ratio,
      double difference,
      double onnxDifference) {}

  /** Measures with a number of threads. */
  public static Row run(Path model, int threads, int rounds) {
    Map<String, Tensor> inputs =
        TensorFile.read(model.resolve("reference/step.inputs.safetensors"));
    Tensor expected =
        TensorFile.read(model.resolve("reference/step.outputs.safetensors")).get("output");
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> sizes.put(name, tensor.sizes()));
    try (ModelSource source = ModelSource.open(
            model,
            checkpoint -> StditImporter.of(checkpoint)
                .forward(RequestOfInputs.forward(checkpoint.config(), sizes, List.of()))
                .finish(),
            ModelSource.lossless(CompileTarget.CPU, BuildProgress.NONE));
        Program program = Programs.load(source.artifact(), "forward", threads, ScalarType.F32);
        OnnxStep onnx = new OnnxStep(model.resolve("sprites.onnx"), inputs, threads)) {
      float[] ours = program.run(inputs, 1, StepObserver.NONE).get("output").floats();
      double difference = relativeL2(ours, expected.floats());
      double onnxDifference = relativeL2(onnx.run(), expected.floats());
      List<Double> seconds = Timing.medians(
          List.of(() -> program.run(inputs, 1, StepObserver.NONE), onnx::run),
          WARM_UP,
          rounds,
          REPEATS);
      return new Row(
          threads,
          1e3 * seconds.get(0),
          1e3 * seconds.get(1),
          seconds.get(1) / seconds.get(0),
          difference,
          onnxDifference);
    }
  }

  private static double relativeL2(float[] found, float[] expected) {
    double squares = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = (double) found[i] - expected[i];
      squares += difference * difference;
      norm += (double) expected[i] * expected[i];
    }
    return Math.sqrt(squares / norm);
  }
}
