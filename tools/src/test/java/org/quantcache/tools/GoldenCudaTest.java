package org.quantcache.tools;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.passes.pipelines.AllPasses;

/** The cuda device agrees with the original code, on the emulation of a driver: as near as the original in bf16. */
@Tag("numerics")
class GoldenCudaTest extends GoldenCompiled {
  @Override
  double forwardBound() {
    return 1.5e-2;
  }

  @Override
  double sampleBound() {
    return 1.5e-2;
  }

  @Override
  String targetPasses() {
    return AllPasses.CUDA_PASSES;
  }

  @Override
  void write(Path out, IrModule module, WeightStore weights, ArtifactWriter.Details details) {
    CudaTarget target = CudaTarget.of(List.of(CudaTarget.EMULATED));
    ArtifactWriter.writeCuda(out, module, weights, target, details, BuildProgress.NONE);
  }

  @Override
  CompiledProgram load(ArtifactReader artifact, String function) {
    return CudaProgram.load(artifact, function);
  }
}
