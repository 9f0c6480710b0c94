package org.quantcache.tools;

import java.nio.file.Path;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.passes.pipelines.AllPasses;

/** The cpu device agrees with the original code. */
class GoldenCpuTest extends GoldenCompiled {
  private final CpuTarget target = CpuTarget.host();

  @Override
  String targetPasses() {
    return AllPasses.targetPasses(target.panelWidth());
  }

  @Override
  void write(Path out, IrModule module, WeightStore weights, ArtifactWriter.Details details) {
    ArtifactWriter.writeCpu(out, module, weights, target, details, BuildProgress.NONE);
  }

  @Override
  CompiledProgram load(ArtifactReader artifact, String function) {
    return CpuProgram.load(artifact, function, 2);
  }
}
