package org.quantcache.tools.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.cost.CostReport;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.weights.Fingerprint;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.instruments.Statistics;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.sample.SampleModel;

/** From a lifted module to an artifact: passes, code generation, archive. */
public final class ModelCompiler {
  /**
   * What to do.
   *
   * @param target device
   * @param cpu processor name for device cpu, or {@code host}
   * @param passes graph passes as pipeline text; what the target needs is added
   * @param calibration what passes may choose by
   * @param instruments watchers of the passes
   * @param progress told how far the code generation is
   */
  public record Request(
      CompileTarget target,
      String cpu,
      String passes,
      Optional<Calibration> calibration,
      List<PassInstrument> instruments,
      BuildProgress progress) {
    /** Compiles for this machine; nobody watches. */
    public static Request of(CompileTarget target, String passes) {
      return new Request(target, "host", passes, Optional.empty(), List.of(), BuildProgress.NONE);
    }

    /** The same with a calibration. */
    public Request with(Optional<Calibration> other) {
      return new Request(target, cpu, passes, other, instruments, progress);
    }
  }

  private ModelCompiler() {}

  /** Compiles {@code module}, which is rewritten on the way, and writes the artifact. */
  public static void compile(
      IrModule module, WeightStore stored, SampleModel sample, Request request, Path out) {
    request.calibration().ifPresent(c -> requireSameModel(c, stored));
    WeightStore weights = BalancedWeights.of(stored, request.calibration());
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("imported", CostReport.of(module, module::bound));
    switch (request.target().device()) {
      case REFERENCE -> {
        Pipeline pipeline = run(module, request.passes(), request, report);
        ArtifactWriter.writeReference(out, module, weights, details(pipeline, sample, report));
      }
      case CPU -> compileForCpu(module, weights, sample, request, report, out);
      case CUDA -> {
        ArtifactWriter.Details details = runForCards(module, sample, request, report);
        ArtifactWriter.writeCuda(out, module, weights, cards(request), details, request.progress());
      }
    }
  }

  /**
   * Compiles {@code module} for cards, which is rewritten on the way, without the weights of a checkpoint, which need not be
   * there.
   */
  public static void compileProgram(
      IrModule module, SampleModel sample, Request request, Path out) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("imported", CostReport.of(module, module::bound));
    ArtifactWriter.Details details = runForCards(module, sample, request, report);
    ArtifactWriter.writeCudaProgram(out, module, cards(request), details, request.progress());
  }

  /** Adds the weights to what {@link #compileProgram} wrote; {@code program} stays the caller's. */
  public static void addWeights(
      ArtifactReader program,
      WeightStore stored,
      Optional<Calibration> calibration,
      BuildProgress progress,
      Path out) {
    WeightStore weights = BalancedWeights.of(stored, calibration);
    ArtifactWriter.addWeights(program, Programs.module(program), weights, progress, out);
  }

  private static ArtifactWriter.Details runForCards(
      IrModule module, SampleModel sample, Request request, Map<String, Object> report) {
    String passes =
        request.target().unpacked() ? AllPasses.CUDA_PASSES_UNPACKED : AllPasses.CUDA_PASSES;
    Pipeline pipeline = run(module, with(request, passes), request, report);
    return details(pipeline, sample, report);
  }

  private static CudaTarget cards(Request request) {
    return CudaTarget.of(request.target().architectures());
  }

  private static void compileForCpu(
      IrModule module,
      WeightStore weights,
      SampleModel sample,
      Request request,
      Map<String, Object> report,
      Path out) {
    // One process can hold one of TVM's libraries; whoever compiles needs the one that can.
    TvmNatives.load(NativeMode.COMPILER);
    CpuTarget cpu =
        request.cpu().equals("host") ? CpuTarget.host() : CpuTarget.named(request.cpu());
    String passes = with(request, AllPasses.targetPasses(cpu.panelWidth()));
    Pipeline pipeline = run(module, passes, request, report);
    ArtifactWriter.writeCpu(
        out, module, weights, cpu, details(pipeline, sample, report), request.progress());
  }

  private static void requireSameModel(Calibration calibration, WeightStore weights) {
    if (!calibration.model().equals(Fingerprint.of(weights))) {
      throw UserError.of("CL0602", "the calibration was made for another model")
          .withHint("make one for this model: qcc calibrate MODEL_DIR -o FILE");
    }
  }

  /** The passes of a request, and what the target needs behind them. */
  private static String with(Request request, String targetPasses) {
    String separator = request.passes().isBlank() ? "" : ",";
    return request.passes() + separator + targetPasses;
  }

  private static Pipeline run(
      IrModule module, String passes, Request request, Map<String, Object> report) {
    Pipeline pipeline = AllPasses.parse(passes, request.calibration());
    Statistics statistics = new Statistics();
    List<PassInstrument> instruments = new ArrayList<>(request.instruments());
    instruments.add(statistics);
    new PassManager(StandardOps.registry(), instruments).run(pipeline, module);
    report.put("passes", statistics.entries());
    report.put("compiled", CostReport.of(module, module::bound));
    return pipeline;
  }

  private static ArtifactWriter.Details details(
      Pipeline pipeline, SampleModel sample, Map<String, Object> report) {
    return new ArtifactWriter.Details(pipeline.text(), sample.settings(), report);
  }
}
