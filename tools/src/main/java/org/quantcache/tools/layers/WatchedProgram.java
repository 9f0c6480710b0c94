package org.quantcache.tools.layers;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.codegen.cpu.CpuBackend;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.kernels.executor.OperationWatch;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.Programs;

/** A function of an artifact that shows each value as it is computed, on the reference or the cpu device. */
final class WatchedProgram implements AutoCloseable {
  /** Results of an operation; those that are no plain tensors are absent. */
  @FunctionalInterface
  interface Results {
    Optional<Tensor> get(int index);
  }

  /** Told of each operation that is done. */
  @FunctionalInterface
  interface Listener {
    /** @param results valid during the call */
    void computed(Operation operation, int step, Results results);
  }

  private final IrModule module;
  private final Function function;
  private final Program program;
  private Map<String, Long> sizes = Map.of();
  private Listener listener = (operation, step, results) -> {};

  private WatchedProgram(ArtifactReader artifact, String function, int threads) {
    this.module = Programs.module(artifact);
    this.function = module.function(function);
    this.program = artifact.manifest().target().equals("reference")
        ? interpreted(artifact)
        : compiled(artifact, threads);
  }

  /**
   * Loads it; the artifact stays the caller's.
   *
   * @param threads workers of the cpu device
   * @throws org.quantcache.ir.diagnostics.UserError CL0730 for another device, RT0208 when there is no such function
   */
  static WatchedProgram load(ArtifactReader artifact, String function, int threads) {
    ArtifactLayout.function(artifact.manifest(), function);
    LayerSource.requireDevice(artifact.path().toString(), artifact.manifest().target());
    return new WatchedProgram(artifact, function, threads);
  }

  IrModule module() {
    return module;
  }

  Function function() {
    return function;
  }

  ProgramSignature signature() {
    return program.signature();
  }

  /** Runs it. @throws org.quantcache.ir.diagnostics.UserError RT0101 for inputs that do not fit, RT0110 for decisions that do not */
  void run(Run run, StepObserver observer, Listener told) {
    listener = told;
    sizes = program
        .signature()
        .bind(
            name -> Optional.ofNullable(run.inputs().get(name))
                .map(t -> new ProgramSignature.Given(t.element(), t.sizes())),
            run.steps());
    program.run(run.inputs(), run.steps(), observer, run.decisions());
  }

  /** The first result of a run that nobody watches. */
  Tensor run(Run run) {
    listener = (operation, step, results) -> {};
    return program
        .run(run.inputs(), run.steps(), StepObserver.NONE, run.decisions())
        .values()
        .iterator()
        .next();
  }

  private Program interpreted(ArtifactReader artifact) {
    ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
    ReferenceProgram out = new ReferenceProgram(
        module,
        function.name(),
        SafeTensorsFile.open(window.file(), window.offset(), window.bytes()));
    out.observeOperations((operation, step, results) ->
        listener.computed(operation, step, i -> Optional.of(results.get(i))));
    return out;
  }

  private Program compiled(ArtifactReader artifact, int threads) {
    // Whoever compiled in this process, or will, needs the library that can.
    TvmNatives.load(NativeMode.COMPILER);
    CpuTarget host = CpuTarget.host();
    String cpu = artifact.manifest().cpu();
    CpuTarget target = cpu.equals(host.cpu()) ? host : CpuTarget.named(cpu);
    Map<String, byte[]> classes = new CpuBackend(target).watched(module).classes();
    List<Operation> operations = Executors.numbered(function);
    return CpuProgram.watched(
        artifact, function.name(), threads, classes, (number, step, arena) -> {
          Operation operation = operations.get(number);
          listener.computed(operation, step, i -> stored(operation, i, arena));
        });
  }

  private Optional<Tensor> stored(Operation operation, int index, OperationWatch.Arena arena) {
    Value value = operation.results().get(index);
    if (!(value.type().element() instanceof ScalarType element)
        || operation.is(StructureOps.WEIGHT_GET)) {
      return Optional.empty();
    }
    List<Long> shape =
        value.type().dims().stream().map(dim -> dim.evaluate(sizes::get)).toList();
    long bytes = Tensor.elements(shape) * element.bytes();
    long offset = operation.attributes().longs("at").get(index);
    return Optional.of(
        new Tensor(element, shape, arena.view(offset, bytes).order(ByteOrder.LITTLE_ENDIAN)));
  }

  @Override
  public void close() {
    program.close();
  }
}
