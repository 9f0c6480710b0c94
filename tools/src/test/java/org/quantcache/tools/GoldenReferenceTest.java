package org.quantcache.tools;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;

/** The lifted graph, interpreted, agrees with the original code. */
class GoldenReferenceTest {
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
    try (Checkpoint checkpoint = golden.checkpoint();
        ReferenceProgram program =
            new ReferenceProgram(golden.lift(checkpoint), "forward", checkpoint.weights())) {
      Map<String, Tensor> found = program.run(golden.inputs(), 1, StepObserver.NONE);
      Closeness.assertClose(found, golden.outputs(), 2e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("sample")
  void samplingLoopAgreesWithTheOriginal(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint();
        ReferenceProgram program =
            new ReferenceProgram(golden.lift(checkpoint), "sample", checkpoint.weights())) {
      StepSeries series = new StepSeries("z_steps");
      Map<String, Tensor> found =
          new HashMap<>(program.run(golden.sampleInputs(), golden.sampler().steps(), series));
      found.put("z_steps", series.stacked());
      Closeness.assertClose(found, golden.outputs(), 1e-4);
    }
  }
}
