package org.quantcache.kernels.reference;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Guard;
import org.quantcache.kernels.cache.Guards;
import org.quantcache.kernels.prune.Branch;
import org.quantcache.kernels.prune.Branches;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.ProgramSignature.Parameter;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Runs a function of the IR at any stage by interpreting it, one operation at a time in plain Java. It defines what
 * every operation means; it is slow.
 */
public final class ReferenceProgram implements Program {
  private final ScalarType precision;
  private final Function function;
  private final ProgramSignature signature;
  private final Weights weights;
  private final Map<String, Kernel> kernels;
  private OperationObserver operations = OperationObserver.NONE;

  /** A float32 program for {@code module.function(name)}; the store stays the caller's. */
  public ReferenceProgram(IrModule module, String name, WeightStore store) {
    this(module, name, store, ScalarType.F32);
  }

  /**
   * A program for {@code module.function(name)}; the store stays the caller's.
   *
   * @param precision f32, or f64: every f32 value of the program is held as f64, results too. Tables and times that
   *     the original takes in float32 keep those values.
   */
  public ReferenceProgram(IrModule module, String name, WeightStore store, ScalarType precision) {
    if (precision != ScalarType.F32 && precision != ScalarType.F64) {
      throw new IllegalArgumentException("precision is f32 or f64, found " + precision.text());
    }
    this.precision = precision;
    this.function = module.function(name);
    this.signature = signatureOf(module, function);
    this.weights = new Weights(module, store, precision);
    this.kernels = kernelTable();
  }

  /** Kernels by operation name. The loop, terminators and observers are handled by the interpreter itself. */
  static Map<String, Kernel> kernelTable() {
    Map<String, Kernel> table = new TreeMap<>();
    ElementKernels.register(table);
    LayerKernels.register(table);
    KeyKernels.register(table);
    LatentKernels.register(table);
    QuantKernels.register(table);
    ModelKernels.register(table);
    return table;
  }

  /** Parameters, results and bounds of a function. */
  public static ProgramSignature signatureOf(IrModule module, Function function) {
    List<Parameter> parameters = new ArrayList<>();
    for (Value parameter : function.parameters()) {
      parameters.add(new Parameter(parameter.nameHint(), parameter.type()));
    }
    List<Parameter> results = new ArrayList<>();
    for (int i = 0; i < function.resultTypes().size(); i++) {
      results.add(
          new Parameter(function.resultNames().get(i), function.resultTypes().get(i)));
    }
    return new ProgramSignature(function.name(), parameters, results, module.dimensionBounds());
  }

  /** Shows every operation of later runs, {@code weight.get} included, to {@code observer}. */
  public void observeOperations(OperationObserver observer) {
    operations = observer;
  }

  @Override
  public ProgramSignature signature() {
    return signature;
  }

  @Override
  public Map<String, Tensor> run(
      Map<String, Tensor> inputs, int steps, StepObserver observer, DecisionMode decisions) {
    Map<String, Long> sizes = signature.bind(
        name -> Optional.ofNullable(inputs.get(name))
            .map(t -> new ProgramSignature.Given(t.element(), t.sizes())),
        steps);
    Run run = new Run(sizes, observer, decisions);
    for (Value parameter : function.parameters()) {
      Tensor input = inputs.get(parameter.nameHint());
      run.values.put(parameter, input.as(widened(input.element())));
    }
    List<Tensor> results = run.region(function.body());
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      out.put(signature.results().get(i).name(), results.get(i));
    }
    return out;
  }

  /** Quantized values stand one in a byte, whatever their cells are. */
  static ScalarType valueKind(ElementType element) {
    return element instanceof QuantType quantized ? quantized.valueType() : (ScalarType) element;
  }

  /** What an operation computes in: activations of 16 bits are widened, and its results rounded once at the end. */
  private ScalarType computed(ScalarType element) {
    return element == ScalarType.BF16 ? precision : widened(element);
  }

  private ScalarType widened(ScalarType element) {
    return element == ScalarType.F32 ? precision : element;
  }

  @Override
  public void close() {}

  private final class Run {
    private final Map<String, Long> sizes;
    private final StepObserver observer;
    private final DecisionMode decisions;
    private Guards guards;
    private Branches branches;
    private final Map<Value, Tensor> values = new IdentityHashMap<>();

    Run(Map<String, Long> sizes, StepObserver observer, DecisionMode decisions) {
      this.sizes = sizes;
      this.observer = observer;
      this.decisions = decisions;
    }

    /** Runs a region and returns the operands of its terminator. */
    List<Tensor> region(Region region) {
      for (Operation operation : region.operations()) {
        switch (operation.name()) {
          case StructureOps.RETURN, StructureOps.YIELD -> {
            return inputs(operation);
          }
          case StructureOps.WEIGHT_GET ->
            store(operation, List.of(weights.get(operation.attributes().symbol("weight"))));
          case StructureOps.OBSERVE -> observe(operation);
          case StructureOps.LOOP -> store(operation, loop(operation));
          case CacheOps.SLOT -> store(operation, List.of(slot(operation)));
          case CacheOps.GUARD -> store(operation, List.of(guard(operation)));
          case CacheOps.PROBE -> store(operation, List.of(probe(operation)));
          case CacheOps.BITS -> store(operation, List.of(bits(operation)));
          case PruneOps.BRANCH -> store(operation, List.of(branch(operation)));
          case PruneOps.PROBE -> store(operation, List.of(compare(operation)));
          case ProbedOps.LINEAR, ProbedOps.QUANT_LINEAR -> store(operation, probed(operation));
          case CacheOps.MEASURED -> measured(operation);
          case PruneOps.MEASURED -> tell(operation, values.get(operation.operand(0)));
          default -> store(operation, call(operation));
        }
      }
      throw new IllegalStateException("region without terminator");
    }

    private List<Tensor> call(Operation operation) {
      List<List<Long>> resultSizes = new ArrayList<>();
      List<ScalarType> elements = new ArrayList<>();
      for (Value result : operation.results()) {
        resultSizes.add(result.type().dims().stream().map(this::size).toList());
        elements.add(computed(valueKind(result.type().element())));
      }
      Attributes attributes = operation.attributes();
      Kernel kernel = kernels.get(operation.name());
      if (kernel == null) {
        throw new IllegalStateException(
            "the reference device does not know '" + operation.name() + "'");
      }
      List<Tensor> operands =
          operation.operands().stream().map(this::asComputed).toList();
      List<Tensor> results =
          kernel.run(new Kernel.Call(operands, attributes, resultSizes, elements));
      List<Tensor> out = new ArrayList<>();
      for (int i = 0; i < results.size(); i++) {
        out.add(results
            .get(i)
            .as(widened(valueKind(operation.results().get(i).type().element()))));
      }
      return out;
    }

    /** An operand as operations compute with it; weights are read as they are, for they may be large. */
    private Tensor asComputed(Value operand) {
      Tensor value = values.get(operand);
      boolean isWeight = operand
          .definingOperation()
          .filter(op -> op.is(StructureOps.WEIGHT_GET))
          .isPresent();
      return isWeight ? value : value.as(computed(value.element()));
    }

    private List<Tensor> loop(Operation operation) {
      List<Tensor> operands = inputs(operation);
      Region body = operation.regions().get(0);
      int total = (int) operands.get(0).size(0);
      List<Tensor> carried = operands.subList(1, operands.size());
      guards = new Guards(decisions, total);
      body.walk(this::startGuard);
      branches = new Branches(decisions, total);
      for (int step = 0; step < total; step++) {
        values.put(body.argument(0), Tensor.scalar(step));
        for (int i = 0; i < carried.size(); i++) {
          values.put(body.argument(i + 1), carried.get(i));
        }
        currentTotal = total;
        currentStep = step;
        carried = region(body);
        observer.stepped(step, total);
      }
      DecisionTrace trace = branches.trace(guards);
      if (!trace.isEmpty()) {
        observer.decided(trace);
      }
      return carried;
    }

    private Tensor slot(Operation operation) {
      return Tensor.zeros(
          widened((ScalarType) operation.result().type().element()),
          operation.result().type().dims().stream().map(this::size).toList());
    }

    private Tensor guard(Operation operation) {
      Guard guard = guards.existing(operation.attributes().string("name"));
      int step = (int) values.get(operation.operand(0)).getLong(0);
      Tensor base = values.get(operation.operand(1));
      List<Tensor> history = inputs(operation).subList(2, operation.operandCount());
      if (!guard.computes(step)) {
        return CacheKernels.foretell(base, guard.weights(step, history.size()), history);
      }
      Tensor value = region(operation.regions().get(0)).get(0);
      CacheKernels.remember(value, base, history);
      return value;
    }

    private void startGuard(Operation operation) {
      if (operation.is(CacheOps.GUARD)) {
        guards.guard(
            operation.attributes().string("name"),
            GuardPolicy.of(operation.attributes().get("policy")),
            operation.attributes().real("reach", 1));
      }
    }

    private Tensor probe(Operation operation) {
      Guard guard = guards.existing(operation.attributes().string("guard"));
      List<Tensor> operands = inputs(operation);
      int last = operands.size() - 1;
      Tensor sums =
          CacheKernels.probe(operands.get(0), operands.subList(1, last), operands.get(last));
      if (guard.measures()) {
        guard.measured(sums.data().asFloatBuffer(), operands.get(0).count());
      }
      return sums;
    }

    /** The product as without a probe, then the probe of what was stored. */
    private List<Tensor> probed(Operation operation) {
      Tensor value = call(operation).get(0);
      boolean ofAddend = operation.attributes().word("probed").equals(ProbedOps.ADDEND);
      List<Tensor> base = ofAddend
          ? List.of(values.get(
              operation.operand(FusedOps.epilogueOperand(operation, "residual").getAsInt())))
          : List.of();
      Tensor held = values.get(operation.operand(operation.operandCount() - 1));
      List<Long> tile = operation.attributes().longs("tile");
      return List.of(value, PruneKernels.probe(value, base, held, tile.get(0), tile.get(1)));
    }

    private void measured(Operation operation) {
      Guard guard = guards.existing(operation.attributes().string("guard"));
      Value sums = operation.operand(0);
      Value probed = sums.definingOperation().orElseThrow().results().get(0);
      if (guard.measures()) {
        guard.compared(
            values.get(sums).data().asFloatBuffer(), values.get(probed).count());
      }
    }

    private Tensor bits(Operation operation) {
      Attributes attributes = operation.attributes();
      return Tensor.scalar(guards
          .existing(attributes.string("guard"))
          .bits(BitsPolicy.of(attributes.get("policy"))));
    }

    private Tensor branch(Operation operation) {
      Attributes attributes = operation.attributes();
      List<Tensor> history = inputs(operation).subList(2, operation.operandCount());
      Branch branch = branches.branch(
          PruneOps.branchName(attributes),
          attributes.string("kind"),
          (int) attributes.integer("layer"),
          PrunePolicy.of(attributes.get("policy")),
          history.size(),
          attributes.real("reach", 1));
      Tensor base = values.get(operation.operand(1));
      if (branch.prunes(currentStep)) {
        return history.isEmpty()
            ? base
            : CacheKernels.foretell(base, branch.weights(currentStep, history.size()), history);
      }
      Tensor value = region(operation.regions().get(0)).get(0);
      if (branch.keeps()) {
        CacheKernels.remember(value, base, history);
      }
      return value;
    }

    private Tensor compare(Operation operation) {
      List<Tensor> operands = inputs(operation);
      Tensor held = operands.get(operands.size() - 1);
      Tensor sums = PruneKernels.probe(
          operands.get(0),
          operands.subList(1, operands.size() - 1),
          held,
          1,
          held.size(held.sizes().size() - 1));
      tell(operation, sums);
      return sums;
    }

    /** Sums that a layer of its kind was measured by. */
    private void tell(Operation operation, Tensor sums) {
      Attributes attributes = operation.attributes();
      String kind = attributes.string("kind");
      int layer = (int) attributes.integer("layer");
      boolean varies = attributes.word("measure").equals(PruneOps.VARIATION);
      if (varies && branches.existing(kind, layer).measures()) {
        branches.existing(kind, layer).varied(sums.data().asFloatBuffer());
      } else if (!varies && branches.evidence(kind).measures()) {
        branches.evidence(kind).compared(layer, currentStep, sums.data().asFloatBuffer());
      }
    }

    private int currentStep;
    private int currentTotal;

    private void observe(Operation operation) {
      String series = operation.attributes().string("name");
      if (observer.wants(series)) {
        int step = (int) values.get(operation.operand(0)).getLong(0);
        observer.observed(series, step, currentTotal, values.get(operation.operand(1)));
      }
    }

    private List<Tensor> inputs(Operation operation) {
      return operation.operands().stream().map(values::get).toList();
    }

    private void store(Operation operation, List<Tensor> results) {
      for (int i = 0; i < results.size(); i++) {
        values.put(operation.results().get(i), results.get(i));
      }
      operations.computed(operation, currentStep, results);
    }

    private long size(Dim dim) {
      return dim.evaluate(symbol -> {
        Long value = sizes.get(symbol);
        if (value == null) {
          throw new IllegalStateException("no input gives the size " + symbol);
        }
        return value;
      });
    }
  }
}
