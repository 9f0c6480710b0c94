package org.quantcache.passes.execution;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.cost.CostReport;
import org.quantcache.ir.cost.FunctionCost;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.hash.StructuralHash;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.Numerics;

/**
 * Runs a module and what passes made of it on the reference device, on the same seeded inputs and the same weights, so that
 * the results can be compared. What was run once is not run again.
 */
public final class DifferentialExecution {
  /** FLOP of one run beyond which nobody wants to wait: a minute on the reference device, which does some 10^9 a second. */
  public static final long MOST_FLOPS = 60_000_000_000L;

  /** Tokens of text and other symbolic sizes. */
  private static final long SYMBOL_SIZE = 3;

  /** Sums in f32 in another order, through some dozens of layers. */
  private static final double REASSOCIATED = 1e-5;

  /** Four bits over a few steps of random weights: what is computed is still recognizable. */
  private static final double QUANTIZED = 0.25;

  /** Results that are kept; those of one run are small beside what it takes. */
  private static final int MOST_KNOWN = 256;

  /**
   * How modules are run.
   *
   * @param seed of inputs and weights
   * @param steps of sampling loops
   * @param decisions what guards and branches do
   * @param filled values of inputs that are not left to chance, by name
   */
  public record Settings(long seed, int steps, DecisionMode decisions, Map<String, Double> filled) {
    /** Inputs of a lifted model that only some values make sense of; a frame mask is all true, as passes may assume. */
    private static final Map<String, Double> SMALL_VIDEO = Map.of(
        "x_mask",
        1.0,
        "height",
        64.0,
        "width",
        64.0,
        "num_frames",
        17.0,
        "fps",
        24.0,
        "guidance",
        4.0);

    /** Three steps of a small video, in which guards and branches compute everything. */
    public static Settings seeded(long seed) {
      return new Settings(seed, 3, DecisionMode.ALWAYS, SMALL_VIDEO);
    }

    public Settings {
      filled = ImmutableMap.copyOf(filled);
    }
  }

  private final Settings settings;
  private final WeightStore weights;
  private final Map<String, Map<String, Tensor>> inputs = new LinkedHashMap<>();
  private final Map<String, Map<String, Tensor>> known = new LinkedHashMap<>();

  /** For what passes make of {@code origin}, whose weights are stand-ins. @throws UserError PA0606 when it is too large */
  public DifferentialExecution(IrModule origin, Settings settings) {
    this(origin, SeededWeights.balanced(origin, settings.seed()), settings);
  }

  /**
   * For what passes make of {@code origin}; the weights stay the caller's.
   *
   * @throws UserError PA0606 when the module is too large to be interpreted
   */
  public DifferentialExecution(IrModule origin, WeightStore weights, Settings settings) {
    this.settings = settings;
    this.weights = weights;
    requireSmall(origin);
    origin.functions().forEach(f -> inputs.put(f.name(), inputs(f)));
  }

  /**
   * Largest relative L2 that a pass may cause. What leaves work out computes it where guards and branches are told to; what is 0
   * means equal bits.
   */
  public static double bound(Numerics numerics) {
    return switch (numerics) {
      case EXACT, APPROXIMATES -> 0;
      case REASSOCIATES -> REASSOCIATED;
      case QUANTIZES -> QUANTIZED;
    };
  }

  /**
   * Results of all functions, by {@code @function result}.
   *
   * @throws UserError PA0606 when the module is too large to be interpreted
   */
  public Map<String, Tensor> run(IrModule module) {
    requireSmall(module);
    String hash = StructuralHash.of(module);
    Map<String, Tensor> out = known.get(hash);
    if (out == null) {
      out = execute(module);
      if (known.size() < MOST_KNOWN) {
        known.put(hash, out);
      }
    }
    return out;
  }

  /**
   * Results of the module that passes begin with.
   *
   * @throws UserError PA0606, and PA0607 when they say nothing
   */
  public Map<String, Tensor> runOrigin(IrModule module) {
    Map<String, Tensor> out = run(module);
    out.forEach((name, tensor) -> {
      for (int i = 0; i < tensor.count(); i++) {
        if (!Double.isFinite(tensor.get(i))) {
          throw UserError.of(
                  "PA0607",
                  "%s is %s at element %d before any pass, on seeded inputs and weights",
                  name,
                  tensor.get(i),
                  i)
              .withHint("another seed may do: '--seed'");
        }
      }
    });
    return out;
  }

  private Map<String, Tensor> execute(IrModule module) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (Map.Entry<String, Map<String, Tensor>> function : inputs.entrySet()) {
      try (ReferenceProgram program = new ReferenceProgram(module, function.getKey(), weights)) {
        program
            .run(function.getValue(), settings.steps(), StepObserver.NONE, settings.decisions())
            .forEach((name, tensor) -> out.put("@" + function.getKey() + " " + name, tensor));
      }
    }
    return out;
  }

  private void requireSmall(IrModule module) {
    long flops = 0;
    for (FunctionCost cost : CostReport.of(module, name -> size(module, name)).functions()) {
      flops = Math.addExact(flops, cost.total().flops());
    }
    if (flops > MOST_FLOPS) {
      throw UserError.of(
              "PA0606",
              "module @%s takes %s GFLOP a run, too much for the reference device; at most %s",
              module.name(),
              giga(flops),
              giga(MOST_FLOPS))
          .withHint(
              "take a tiny one: 'qcc synth-model DIR --size tiny', then 'qcc import DIR -o tiny.qir', or smaller sizes of the video: '--latent 2,4,4'");
    }
  }

  private static String giga(long flops) {
    return String.format(Locale.ROOT, "%.0f", flops / 1e9);
  }

  private long size(IrModule module, String symbol) {
    return symbol.equals(ProgramSignature.STEPS)
        ? settings.steps()
        : Math.min(SYMBOL_SIZE, module.bound(symbol));
  }

  private Map<String, Tensor> inputs(Function function) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (Value parameter : function.parameters()) {
      List<Long> sizes = parameter.type().dims().stream()
          .map(dim -> dim.evaluate(
              symbol -> symbol.equals(ProgramSignature.STEPS) ? settings.steps() : SYMBOL_SIZE))
          .toList();
      out.put(parameter.nameHint(), tensor(parameter, sizes));
    }
    return out;
  }

  private Tensor tensor(Value parameter, List<Long> sizes) {
    ScalarType element = (ScalarType) parameter.type().element();
    Tensor out = Tensor.zeros(element, sizes);
    Random random = new Random(settings.seed() * 31 + parameter.nameHint().hashCode());
    Double fill = settings.filled().get(parameter.nameHint());
    for (int i = 0; i < out.count(); i++) {
      // Vectors of one number a sample are sizes, times and scales, which are positive.
      double value = !element.isFloat()
          ? random.nextInt(2)
          : sizes.size() > 1 ? random.nextGaussian() : 1 + random.nextDouble();
      out.set(i, fill == null ? value : fill);
    }
    return out;
  }
}
