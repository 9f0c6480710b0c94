package org.quantcache.passes.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.Numerics;

/** Runs a module before and after passes on the reference device, with the same seeded numbers. */
final class DifferentialExecution {
  private static final int STEPS = 3;
  private static final long SYMBOL_SIZE = 3;
  private static final double REASSOCIATED = 1e-6;

  /** Four bits over a few steps of random weights: what is computed is still recognizable. */
  private static final double QUANTIZED = 0.25;

  private final Map<String, Double> filled;

  /** @param filled values of inputs that are not left to chance, by name */
  DifferentialExecution(Map<String, Double> filled) {
    this.filled = filled;
  }

  /** Every result of every function agrees as the numerics class promises; guards compute at every step. */
  void assertSame(IrModule before, IrModule after, Numerics numerics) {
    for (Function function : before.functions()) {
      Map<String, Tensor> inputs = inputs(function);
      Map<String, Tensor> expected = run(before, function.name(), before, inputs);
      Map<String, Tensor> found = run(after, function.name(), before, inputs);
      assertThat(found.keySet()).isEqualTo(expected.keySet());
      expected.forEach((name, tensor) -> assertClose(
          "@" + function.name() + " " + name, tensor.floats(), found.get(name).floats(), numerics));
    }
  }

  private static Map<String, Tensor> run(
      IrModule module, String function, IrModule weights, Map<String, Tensor> inputs) {
    try (ReferenceProgram program =
        new ReferenceProgram(module, function, new SeededWeights(weights))) {
      return program.run(inputs, STEPS, StepObserver.NONE, DecisionMode.ALWAYS);
    }
  }

  private static void assertClose(String name, float[] expected, float[] found, Numerics numerics) {
    if (numerics == Numerics.EXACT) {
      assertThat(found).as(name).isEqualTo(expected);
      return;
    }
    double bound = numerics == Numerics.QUANTIZES ? QUANTIZED : REASSOCIATED;
    double error = 0;
    double size = 0;
    assertThat(found).as(name).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(found[i] - (double) expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    assertThat(Math.sqrt(error)).as(name).isEqualTo(0, within(bound * Math.sqrt(size)));
  }

  private Map<String, Tensor> inputs(Function function) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (Value parameter : function.parameters()) {
      List<Long> sizes = parameter.type().dims().stream()
          .map(dim -> dim.evaluate(symbol -> symbol.equals("N") ? STEPS : SYMBOL_SIZE))
          .toList();
      out.put(parameter.nameHint(), tensor(parameter, sizes));
    }
    return out;
  }

  private Tensor tensor(Value parameter, List<Long> sizes) {
    ScalarType element = (ScalarType) parameter.type().element();
    Tensor out = Tensor.zeros(element, sizes);
    Random random = new Random(parameter.nameHint().hashCode());
    Double fill = filled.get(parameter.nameHint());
    for (int i = 0; i < out.count(); i++) {
      double value = element.isFloat() ? random.nextGaussian() : random.nextInt(2);
      out.set(i, fill == null ? value : fill);
    }
    return out;
  }
}
