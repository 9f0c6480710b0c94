package org.quantcache.tools;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.instruments.VerifyEach;
import org.quantcache.passes.pipelines.AllPasses;

/** The lossless passes do not change what a program computes. */
class LosslessPipelineTest {
  static Stream<String> cases() {
    return Stream.concat(GoldenCase.FORWARD.stream(), GoldenCase.SAMPLE.stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyPassKeepsTheOutput(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint()) {
      Map<String, Tensor> before = run(golden, checkpoint, golden.lift(checkpoint));
      IrModule optimized = golden.lift(checkpoint);
      for (String pass :
          List.of("fold", "specialize", "hoist", "fuse", "fold", "lower", "memory-plan")) {
        new PassManager(StandardOps.registry(), List.of(new VerifyEach()))
            .run(AllPasses.parse(pass), optimized);
        Closeness.assertClose(run(golden, checkpoint, optimized), before, 1e-5);
      }
    }
  }

  private static Map<String, Tensor> run(
      GoldenCase golden, Checkpoint checkpoint, IrModule module) {
    Map<String, Tensor> inputs = golden.isSample() ? golden.sampleInputs() : golden.inputs();
    int steps = golden.isSample() ? golden.sampler().steps() : 1;
    try (ReferenceProgram program =
        new ReferenceProgram(module, golden.function(), checkpoint.weights())) {
      return program.run(inputs, steps, StepObserver.NONE);
    }
  }
}
