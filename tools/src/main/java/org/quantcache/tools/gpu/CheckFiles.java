package org.quantcache.tools.gpu;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

/** What a check needs, compiled beforehand, so that the machine with the card needs no compiler. */
public final class CheckFiles {
  private static final String PASSES = "fuse,lower{device=cuda},memory-plan";

  private CheckFiles() {}

  /** Compiles {@link KernelPrograms}. @throws org.quantcache.ir.diagnostics.UserError CG04xx, RT0301 */
  public static void writeKernels(Path out, CudaTarget target, BuildProgress progress) {
    IrModule module = KernelPrograms.module();
    SeededWeights weights = new SeededWeights(module);
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse(PASSES), module);
    ArtifactWriter.Details details = new ArtifactWriter.Details(PASSES, Map.of(), Map.of());
    ArtifactWriter.writeCuda(out, module, weights, target, details, progress);
  }
}
