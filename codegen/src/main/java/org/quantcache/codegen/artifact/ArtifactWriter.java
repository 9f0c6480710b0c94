package org.quantcache.codegen.artifact;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.quantcache.codegen.cpu.CpuBackend;
import org.quantcache.codegen.cuda.CudaBackend;
import org.quantcache.codegen.cuda.CudaKernel;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;

/** Writes {@code .qca} archives. Same input, same bytes. */
public final class ArtifactWriter {
  private static final String COMPILER = "quantcache 0.1.0";

  private ArtifactWriter() {}

  /**
   * What an artifact tells beside its program.
   *
   * @param pipeline pass pipeline with all options
   * @param settings values that a runner may want: sampler defaults, picture size
   * @param report content of {@code report.json}
   */
  public record Details(
      String pipeline, Map<String, Object> settings, Map<String, Object> report) {}

  /** Writes an artifact with machine code. @throws org.quantcache.ir.diagnostics.UserError CG.., RT0301 */
  public static void writeCpu(
      Path target,
      IrModule module,
      WeightStore store,
      CpuTarget cpu,
      Details details,
      BuildProgress progress) {
    CpuBackend.Output output = new CpuBackend(cpu)
        .compile(
            module, (done, total) -> progress.advanced(BuildProgress.Phase.KERNELS, done, total));
    PackedWeights weights = new PackedWeights(module, new FiniteWeights(store), progress);
    Map<String, Object> report = new LinkedHashMap<>(details.report());
    report.put("launches", output.executors().launches());
    Details complete = new Details(details.pipeline(), details.settings(), report);
    AtomicFile.write(target, channel -> {
      ArtifactFile file = new ArtifactFile(channel);
      program(file, module, complete);
      file.add(ArtifactLayout.KERNELS, output.sharedObject());
      file.add(ArtifactLayout.KERNEL_LIST, output.kernelList());
      executors(file, output.executors());
      file.add(ArtifactLayout.WEIGHTS, weights.bytes(), weights::write);
      file.finish(manifest(
          module,
          complete,
          "cpu",
          Optional.of(cpu),
          output.workspaceBytes(),
          output.executors().names(),
          file));
    });
  }

  /** Writes an artifact with machine code for cards. @throws org.quantcache.ir.diagnostics.UserError CG.., RT0301 */
  public static void writeCuda(
      Path target,
      IrModule module,
      WeightStore store,
      CudaTarget cuda,
      Details details,
      BuildProgress progress) {
    PackedWeights weights = new PackedWeights(module, new FiniteWeights(store), progress);
    writeCuda(target, module, Optional.of(weights), cuda, details, progress);
  }

  /**
   * The same without weights, which {@link #addWeights} adds: where it runs, nothing has to be compiled then.
   *
   * @throws org.quantcache.ir.diagnostics.UserError CG.., RT0301
   */
  public static void writeCudaProgram(
      Path target, IrModule module, CudaTarget cuda, Details details, BuildProgress progress) {
    writeCuda(target, module, Optional.empty(), cuda, details, progress);
  }

  private static void writeCuda(
      Path target,
      IrModule module,
      Optional<PackedWeights> weights,
      CudaTarget cuda,
      Details details,
      BuildProgress progress) {
    CudaBackend.Output output = compiled(
        new CudaBackend(cuda)
            .compile(
                module,
                (done, total) -> progress.advanced(BuildProgress.Phase.KERNELS, done, total)),
        progress);
    Map<String, Object> report = new LinkedHashMap<>(details.report());
    Map<String, Object> cudaReport = new LinkedHashMap<>();
    output.compiler().ifPresent(compiler -> cudaReport.put("compiler", compiler));
    cudaReport.put("kernels", output.usage());
    report.put("launches", output.executors().launches());
    report.put("cuda", cudaReport);
    Details complete = new Details(details.pipeline(), details.settings(), report);
    AtomicFile.write(target, channel -> {
      ArtifactFile file = new ArtifactFile(channel);
      program(file, module, complete);
      kernels(file, output);
      executors(file, output.executors());
      if (weights.isPresent()) {
        file.add(ArtifactLayout.WEIGHTS, weights.get().bytes(), weights.get()::write);
      }
      file.finish(manifest(
          module, complete, "cuda", Optional.empty(), 0, output.executors().names(), file));
    });
  }

  /**
   * Writes what {@link #writeCudaProgram} left out: the bytes are those that {@link #writeCuda} writes.
   *
   * @param program an artifact without weights; it stays the caller's
   * @param module its program
   * @throws org.quantcache.ir.diagnostics.UserError CG0301 to CG0303, RT0202, RT0301
   */
  public static void addWeights(
      ArtifactReader program,
      IrModule module,
      WeightStore store,
      BuildProgress progress,
      Path target) {
    PackedWeights weights = new PackedWeights(module, new FiniteWeights(store), progress);
    AtomicFile.write(target, channel -> {
      ArtifactFile file = new ArtifactFile(channel);
      for (Manifest.EntryInfo entry : program.manifest().entries()) {
        file.add(entry.path(), program.bytes(entry.path()));
      }
      file.add(ArtifactLayout.WEIGHTS, weights.bytes(), weights::write);
      file.finish(program.manifest().withEntries(file.entries()));
    });
  }

  /** Tells what came out. */
  private static CudaBackend.Output compiled(CudaBackend.Output output, BuildProgress progress) {
    output
        .compiler()
        .ifPresent(compiler -> progress.compiled(new BuildProgress.Code(
            compiler, output.geometry().size(), output.images().size(), output.cached())));
    return output;
  }

  /** Writes an artifact of kernels that no program launches. @throws org.quantcache.ir.diagnostics.UserError CG.., RT0301 */
  public static void writeKernels(
      Path target,
      String name,
      Collection<CudaKernel> kernels,
      CudaTarget cuda,
      BuildProgress progress) {
    CudaBackend.Output output = compiled(
        new CudaBackend(cuda)
            .compile(
                kernels,
                (done, total) -> progress.advanced(BuildProgress.Phase.KERNELS, done, total)),
        progress);
    AtomicFile.write(target, channel -> {
      ArtifactFile file = new ArtifactFile(channel);
      file.addJson(ArtifactLayout.REPORT, Map.of("cuda", output.usage()));
      kernels(file, output);
      file.finish(new Manifest(
          Manifest.FORMAT_VERSION,
          COMPILER,
          "cuda",
          "",
          List.of(),
          0,
          name,
          "",
          Map.of(),
          List.of(),
          Map.of(),
          List.copyOf(file.entries())));
    });
  }

  private static void kernels(ArtifactFile file, CudaBackend.Output output) throws IOException {
    file.add(ArtifactLayout.CUDA_SOURCE, output.source());
    file.addJson(ArtifactLayout.CUDA_GEOMETRY, output.geometry());
    for (Map.Entry<String, byte[]> image : output.images().entrySet()) {
      file.add(image.getKey(), image.getValue());
    }
  }

  /** Writes an artifact that the reference device interprets; its weights keep their checkpoint form. */
  public static void writeReference(
      Path target, IrModule module, WeightStore store, Details details) {
    CheckpointWeights weights = new CheckpointWeights(module, new FiniteWeights(store));
    AtomicFile.write(target, channel -> {
      ArtifactFile file = new ArtifactFile(channel);
      program(file, module, details);
      file.add(ArtifactLayout.WEIGHTS, weights.bytes(), weights::write);
      file.finish(manifest(module, details, "reference", Optional.empty(), 0, Map.of(), file));
    });
  }

  private static void executors(ArtifactFile file, Executors executors) throws IOException {
    for (Map.Entry<String, String> source : executors.sources().entrySet()) {
      file.add(ArtifactLayout.executorEntry(source.getKey(), ".java"), source.getValue());
    }
    for (Map.Entry<String, byte[]> code : executors.classes().entrySet()) {
      file.add(ArtifactLayout.executorEntry(code.getKey(), ".class"), code.getValue());
    }
  }

  private static void program(ArtifactFile file, IrModule module, Details details)
      throws IOException {
    file.add(ArtifactLayout.PROGRAM, IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS));
    file.addJson(ArtifactLayout.POLICY, PolicySummary.of(module));
    file.addJson(ArtifactLayout.REPORT, details.report());
  }

  private static Manifest manifest(
      IrModule module,
      Details details,
      String target,
      Optional<CpuTarget> cpu,
      long workspaceBytes,
      Map<String, String> executors,
      ArtifactFile file) {
    List<Manifest.FunctionInfo> functions = new ArrayList<>();
    for (Function function : module.functions()) {
      functions.add(functionInfo(function, executors.getOrDefault(function.name(), "")));
    }
    return new Manifest(
        Manifest.FORMAT_VERSION,
        COMPILER,
        target,
        cpu.map(CpuTarget::cpu).orElse(""),
        cpu.map(CpuTarget::features).orElse(List.of()),
        workspaceBytes,
        module.name(),
        details.pipeline(),
        module.dimensionBounds(),
        functions,
        details.settings(),
        List.copyOf(file.entries()));
  }

  private static Manifest.FunctionInfo functionInfo(Function function, String executor) {
    List<Manifest.TensorInfo> parameters = new ArrayList<>();
    for (Value parameter : function.parameters()) {
      parameters.add(tensorInfo(parameter.nameHint(), parameter.type()));
    }
    List<Manifest.TensorInfo> results = new ArrayList<>();
    for (int i = 0; i < function.resultTypes().size(); i++) {
      results.add(
          tensorInfo(function.resultNames().get(i), function.resultTypes().get(i)));
    }
    return new Manifest.FunctionInfo(
        function.name(),
        executor,
        function.attributes().integer("arena_bytes", 0),
        parameters,
        results);
  }

  private static Manifest.TensorInfo tensorInfo(String name, TensorType type) {
    return new Manifest.TensorInfo(
        name, type.element().text(), type.dims().stream().map(Dim::text).toList());
  }

  /** Keys of the checkpoint that a module reads, each once. */
  static List<String> keys(IrModule module) {
    return module.globals().stream()
        .filter(op -> op.is(StructureOps.WEIGHT_DEF))
        .flatMap(op -> Stream.of("key", "columns", "outputs")
            .filter(op.attributes()::has)
            .map(op.attributes()::string))
        .distinct()
        .toList();
  }
}
