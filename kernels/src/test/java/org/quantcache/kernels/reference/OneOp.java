package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** A program of a single operation, run on the reference device. Its types pass the rules of the registry. */
final class OneOp {
  private final String name;
  private Attributes attributes = Attributes.NONE;
  private List<TensorType> types = List.of();

  private OneOp(String name) {
    this.name = name;
  }

  static OneOp of(String name) {
    return new OneOp(name);
  }

  OneOp with(String attribute, Attribute value) {
    attributes = attributes.with(attribute, value);
    return this;
  }

  /** Result types of an operation that does not infer them. */
  OneOp giving(TensorType... declared) {
    types = List.of(declared);
    return this;
  }

  /** The only result. */
  Tensor run(Tensor... operands) {
    List<Tensor> results = runAll(operands);
    assertThat(results).hasSize(1);
    return results.get(0);
  }

  List<Tensor> runAll(Tensor... operands) {
    IrModule module = new IrModule("test", Attributes.NONE);
    OpBuilder builder = new OpBuilder(module, StandardOps.registry());
    Map<String, Tensor> inputs = new TreeMap<>();
    for (int i = 0; i < operands.length; i++) {
      inputs.put("p" + i, operands[i]);
    }
    List<TensorType> parameters = Arrays.stream(operands)
        .map(
            t -> TensorType.of(t.element(), t.sizes().stream().mapToLong(s -> s).toArray()))
        .toList();
    Function function =
        builder.function("f", List.copyOf(inputs.keySet()), parameters, Attributes.NONE);
    Operation operation = builder
        .create(name)
        .operands(function.parameters())
        .attributes(attributes)
        .types(types)
        .build();
    builder.create(StructureOps.RETURN).operands(operation.results()).build();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < operation.results().size(); i++) {
      names.add("r" + i);
    }
    builder.complete(
        function,
        operation.results().stream().map(Value::type).toList(),
        Attributes.of("results", Attribute.strings(names)));
    try (ReferenceProgram program = new ReferenceProgram(module, "f", NO_WEIGHTS)) {
      return List.copyOf(program.run(inputs, 1, StepObserver.NONE).values());
    }
  }

  static final WeightStore NO_WEIGHTS = new WeightStore() {
    @Override
    public Set<String> keys() {
      return Set.of();
    }

    @Override
    public Optional<TensorData> find(String key) {
      return Optional.empty();
    }

    @Override
    public void close() {}
  };

  /** An f32 tensor of seeded normal numbers. */
  static Tensor random(Random random, long... sizes) {
    List<Long> list = Arrays.stream(sizes).boxed().toList();
    float[] values = new float[(int) Tensor.elements(list)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(list, values);
  }

  static Tensor floats(List<Long> sizes, float... values) {
    return Tensor.of(sizes, values);
  }

  /** Fails unless every element is within {@code tolerance}, relative above 1 and absolute below. */
  static void assertClose(Tensor found, List<Long> sizes, double[] expected, double tolerance) {
    assertThat(found.sizes()).isEqualTo(sizes);
    assertThat(found.count()).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(found.get(i) - expected[i]) / Math.max(1, Math.abs(expected[i]));
      assertThat(error <= tolerance)
          .as("element %d is %s, expected %s", i, found.get(i), expected[i])
          .isTrue();
    }
  }
}
