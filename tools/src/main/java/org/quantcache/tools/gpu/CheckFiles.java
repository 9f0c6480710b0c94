package org.quantcache.tools.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.bench.CudaBenchmark;
import org.quantcache.codegen.bench.CudaShapes;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;

/**
 * A folder of what checks and measurements on a card need, compiled beforehand, so that the machine with the card needs
 * no compiler. The owner closes it; a temporary one is removed then.
 */
public final class CheckFiles implements AutoCloseable {
  private static final String PASSES = "fuse,lower{device=cuda},memory-plan";
  private static final String KERNELS = "kernels.qca";
  private static final String BENCH = "bench.qca";

  private final Path folder;
  private final boolean temporary;

  private CheckFiles(Path folder, boolean temporary) {
    this.folder = folder;
    this.temporary = temporary;
  }

  /** A folder that is there. */
  public static CheckFiles in(Path folder) {
    return new CheckFiles(folder, false);
  }

  /** A folder for the moment. @throws UserError CL0201 */
  public static CheckFiles temporary() {
    try {
      return new CheckFiles(Files.createTempDirectory("qcc"), true);
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot make a temporary folder: %s", e.getMessage())
          .withHint("check the temporary folder with: qcc doctor")
          .causedBy(e);
    }
  }

  /** Compiles everything. @throws UserError IM.., CG04xx, RT0301 */
  public void writeAll(Path model, CompileTarget target, BuildProgress progress) {
    writeKernels(target, progress);
    for (ModelCheck.Build build : ModelCheck.BUILDS) {
      writeModel(model, build, target, progress);
    }
    writeBench(target, progress);
    SyntheticModel synthetic = SyntheticModel.of(isEmulated(target));
    for (SamplingBuild build : SamplingBuild.ALL) {
      writeSampling(model, synthetic, build, target, progress);
    }
  }

  /** Compiles a build of a synthetic model without its weights, with what is known of the sample model. */
  void writeSampling(
      Path model,
      SyntheticModel synthetic,
      SamplingBuild build,
      CompileTarget target,
      BuildProgress progress) {
    ModelCompiler.compileProgram(
        synthetic.lift(),
        SyntheticModel.sample(),
        new ModelCompiler.Request(
            build.unpacked() ? target.withUnpackedWeights() : target,
            "host",
            build.passes(),
            calibration(model, synthetic),
            List.of(),
            progress),
        folder.resolve(build.file()));
  }

  /** What a synthetic model is compiled with: the calibration of the sample model, transferred. */
  static Optional<Calibration> calibration(Path model, SyntheticModel synthetic) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      int depth = checkpoint.config().depth();
      return Calibrations.find(null, model)
          .map(known -> TransferredCalibration.of(known, depth, synthetic.config()));
    }
  }

  /** What {@link #writeSampling} wrote; the caller closes it. @throws UserError RT02xx */
  ArtifactReader sampling(SamplingBuild build) {
    return ArtifactReader.open(folder.resolve(build.file()));
  }

  /** What the sample model decides in a loop of so many steps. @throws UserError RT02xx, RT05xx */
  DecisionTrace decisions(int steps) {
    try (ArtifactReader artifact =
        ArtifactReader.open(folder.resolve(ModelCheck.DECIDING.file()))) {
      return ModelCheck.decisions(artifact, steps);
    }
  }

  /** Compiles {@link KernelPrograms}. */
  public void writeKernels(CompileTarget target, BuildProgress progress) {
    IrModule module = KernelPrograms.module();
    SeededWeights weights = new SeededWeights(module);
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse(PASSES), module);
    ArtifactWriter.Details details = new ArtifactWriter.Details(PASSES, Map.of(), Map.of());
    ArtifactWriter.writeCuda(
        folder.resolve(KERNELS), module, weights, cards(target), details, progress);
  }

  /** Compiles a build of the sample model. */
  public void writeModel(
      Path model, ModelCheck.Build build, CompileTarget target, BuildProgress progress) {
    ModelCheck.write(model, build, target, progress, folder.resolve(build.file()));
  }

  /** Compiles what {@link CudaBenchmark} launches. */
  public void writeBench(CompileTarget target, BuildProgress progress) {
    ArtifactWriter.writeKernels(
        folder.resolve(BENCH),
        "bench",
        CudaBenchmark.kernels(shapes(isEmulated(target))),
        cards(target),
        progress);
  }

  /** Runs the programs of all kernels. @throws UserError RT02xx, RT05xx */
  public void checkKernels(Consumer<CheckResult> each) {
    try (ArtifactReader artifact = ArtifactReader.open(folder.resolve(KERNELS))) {
      KernelCheck.run(artifact, each);
    }
  }

  /** Runs a build of the sample model. @throws UserError IM.., RT02xx, RT05xx */
  public void checkModel(Path model, ModelCheck.Build build, Consumer<CheckResult> each) {
    try (ArtifactReader artifact = ArtifactReader.open(folder.resolve(build.file()))) {
      ModelCheck.run(model, build, artifact, each);
    }
  }

  /** What {@link #writeBench} wrote; the caller closes it. @throws UserError RT02xx */
  public ArtifactReader bench() {
    return ArtifactReader.open(folder.resolve(BENCH));
  }

  /** Sizes that a benchmark measures. */
  static CudaShapes shapes(boolean emulated) {
    return emulated ? CudaShapes.TINY : CudaShapes.PUBLISHED;
  }

  private static CudaTarget cards(CompileTarget target) {
    return CudaTarget.of(target.architectures());
  }

  private static boolean isEmulated(CompileTarget target) {
    return target.architectures().equals(List.of(CudaTarget.EMULATED));
  }

  @Override
  public void close() {
    if (!temporary) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot remove %s: %s", folder, e.getMessage())
          .causedBy(e);
    }
  }
}
