package org.quantcache.tools.layers;

import java.nio.ByteOrder;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.codegen.cpu.CpuBackend;
import org.quantcache.codegen.cuda.CudaBackend;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.executor.OperationWatch;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.Programs;

/** A function of an artifact that shows each value as it is computed. */
final class WatchedProgram implements AutoCloseable {
  /** What lies in memory when an operation is done. */
  @FunctionalInterface
  interface Memory {
    /**
     * A result of the operation, or a slot that it works on. Quantized values are whole numbers; those of which a byte holds
     * several are absent.
     */
    Optional<Tensor> get(Value value);
  }

  /** Told of each operation that is done. */
  @FunctionalInterface
  interface Listener {
    /** @param memory valid during the call; what the reference device computed goes on as it is left there */
    void computed(Operation operation, int step, Memory memory);
  }

  private final IrModule module;
  private final Function function;
  private final Program program;
  private Map<String, Long> sizes = Map.of();
  private Listener listener = (operation, step, memory) -> {};

  private WatchedProgram(
      IrModule module,
      String function,
      java.util.function.Function<WatchedProgram, Program> program) {
    this.module = module;
    this.function = module.function(function);
    this.program = program.apply(this);
  }

  /**
   * Loads it; the artifact stays the caller's.
   *
   * @param threads workers of the cpu device
   * @throws org.quantcache.ir.diagnostics.UserError RT0208 when there is no such function
   */
  static WatchedProgram load(ArtifactReader artifact, String function, int threads) {
    ArtifactLayout.function(artifact.manifest(), function);
    IrModule module = Programs.module(artifact);
    return switch (artifact.manifest().target()) {
      case "reference" -> {
        ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
        yield interpreted(
            module, function, SafeTensorsFile.open(window.file(), window.offset(), window.bytes()));
      }
      case "cpu" ->
        new WatchedProgram(module, function, self -> self.onProcessor(artifact, threads));
      case "cuda" -> new WatchedProgram(module, function, self -> self.onCard(artifact));
      default -> throw Programs.noSuchTarget(artifact);
    };
  }

  /** A function on the reference device; the store stays the caller's. */
  static WatchedProgram interpreted(IrModule module, String function, WeightStore weights) {
    return new WatchedProgram(module, function, self -> self.interpreted(weights));
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
    listener = (operation, step, memory) -> {};
    return program
        .run(run.inputs(), run.steps(), StepObserver.NONE, run.decisions())
        .values()
        .iterator()
        .next();
  }

  private Program interpreted(WeightStore weights) {
    ReferenceProgram out = new ReferenceProgram(module, function.name(), weights);
    Map<Value, Tensor> slots = new IdentityHashMap<>();
    out.observeOperations((operation, step, results) -> {
      if (operation.is(CacheOps.SLOT)) {
        slots.put(operation.result(), results.get(0));
      }
      listener.computed(
          operation,
          step,
          value -> Optional.of(
              operation.results().contains(value) ? results.get(value.index()) : slots.get(value)));
    });
    return out;
  }

  private Program onProcessor(ArtifactReader artifact, int threads) {
    // Whoever compiled in this process, or will, needs the library that can.
    TvmNatives.load(NativeMode.COMPILER);
    CpuTarget host = CpuTarget.host();
    String cpu = artifact.manifest().cpu();
    CpuTarget target = cpu.equals(host.cpu()) ? host : CpuTarget.named(cpu);
    Map<String, byte[]> classes = new CpuBackend(target).watched(module).classes();
    return CpuProgram.watched(artifact, function.name(), threads, classes, watch());
  }

  private Program onCard(ArtifactReader artifact) {
    Map<String, byte[]> classes = CudaBackend.watched(module).classes();
    return CudaProgram.watched(artifact, function.name(), classes, watch());
  }

  private OperationWatch watch() {
    List<Operation> operations = Executors.numbered(function);
    return (number, step, arena) -> {
      Operation operation = operations.get(number);
      listener.computed(operation, step, value -> stored(value, arena));
    };
  }

  private Optional<Tensor> stored(Value value, OperationWatch.Arena arena) {
    ElementType element = value.type().element();
    if (element instanceof QuantType quantized && quantized.cellBits() != Byte.SIZE) {
      return Optional.empty();
    }
    ScalarType kind =
        element instanceof QuantType quantized ? quantized.valueType() : (ScalarType) element;
    List<Long> shape =
        value.type().dims().stream().map(dim -> dim.evaluate(sizes::get)).toList();
    long bytes = Tensor.elements(shape) * kind.bytes();
    long offset =
        value.definingOperation().orElseThrow().attributes().longs("at").get(value.index());
    return Optional.of(
        new Tensor(kind, shape, arena.view(offset, bytes).order(ByteOrder.LITTLE_ENDIAN)));
  }

  @Override
  public void close() {
    program.close();
  }
}
