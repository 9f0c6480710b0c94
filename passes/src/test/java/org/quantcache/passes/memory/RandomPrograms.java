package org.quantcache.passes.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Seeded valid programs with views, loops, symbolic sizes and operations that may work in place. */
final class RandomPrograms {
  private static final int WIDTH = 8;
  private static final TensorType WEIGHT = TensorType.of(ScalarType.F32, WIDTH, WIDTH);

  private final Random random;
  private final int operations;

  private RandomPrograms(long seed) {
    this.random = new Random(seed);
    this.operations = 1 + random.nextInt(30);
  }

  static IrModule of(long seed) {
    return new RandomPrograms(seed).module();
  }

  private IrModule module() {
    Attribute length = new Attribute.StructAttr(
        "dim", Attributes.of("bound", Attribute.of(37)).with("name", Attribute.word("L")));
    Attribute steps = new Attribute.StructAttr(
        "dim", Attributes.of("bound", Attribute.of(9)).with("name", Attribute.word("N")));
    IrModule module = new IrModule(
        "random", Attributes.of("dims", new Attribute.ListAttr(List.of(length, steps))));
    OpBuilder builder = new OpBuilder(module, StandardOps.registry());
    builder
        .create(StructureOps.WEIGHT_DEF)
        .symbol("w")
        .attribute("key", Attribute.string("w"))
        .attribute("type", Attribute.type(WEIGHT))
        .build();
    Function function = builder.function(
        "f",
        List.of("a", "b", "text", "grid", "scale", "dt"),
        List.of(
            TensorType.of(ScalarType.F32, 2, 3, WIDTH),
            TensorType.of(ScalarType.F32, 4, 3, WIDTH),
            TensorType.of(ScalarType.F32, List.of(Dim.of(2), Dim.symbol("L"), Dim.of(WIDTH))),
            TensorType.of(ScalarType.F32, List.of(Dim.symbol("N"), Dim.of(2))),
            TensorType.of(ScalarType.F32, 1),
            TensorType.of(ScalarType.F32, 2)),
        Attributes.NONE);
    List<Value> known = new ArrayList<>(function.parameters().subList(0, 3));
    fill(builder, known, function, operations, true);
    List<Value> results = List.of(any(known), any(known));
    builder.create(StructureOps.RETURN).operands(results).build();
    builder.complete(
        function,
        results.stream().map(Value::type).toList(),
        Attributes.of("results", Attribute.strings(List.of("first", "second"))));
    return module;
  }

  private void fill(
      OpBuilder builder, List<Value> known, Function function, int count, boolean mayLoop) {
    for (int i = 0; i < count; i++) {
      if (mayLoop && random.nextInt(8) == 0) {
        known.addAll(loop(builder, known, function));
      } else {
        known.add(operation(builder, known, function));
      }
    }
  }

  private Value operation(OpBuilder builder, List<Value> known, Function function) {
    Value x = any(known);
    return switch (random.nextInt(7)) {
      case 0 ->
        builder
            .create(TensorOps.RESHAPE)
            .operands(x)
            .types(TensorType.of(
                ScalarType.F32,
                List.of(x.type().dim(0).times(x.type().dim(1)), Dim.of(1), Dim.of(WIDTH))))
            .result();
      case 1 -> builder.create(NnOps.SILU).operands(x).result();
      case 2 -> builder.create(MathOps.ADD).operands(x, like(x, known)).result();
      case 3 ->
        builder
            .create(StructureOps.CONSTANT)
            .attribute("value", Attribute.of(1.0))
            .types(x.type())
            .result();
      case 4 -> guided(builder, known, function);
      default -> linear(builder, x, known);
    };
  }

  private Value linear(OpBuilder builder, Value x, List<Value> known) {
    Value weight = builder
        .create(StructureOps.WEIGHT_GET)
        .attribute("weight", Attribute.symbol("w"))
        .types(WEIGHT)
        .result();
    boolean residual = random.nextBoolean();
    List<Value> operands = new ArrayList<>(List.of(x, weight));
    if (residual) {
      operands.add(like(x, known));
    }
    return builder
        .create(FusedOps.LINEAR)
        .operands(operands)
        .attribute(
            "epilogue",
            new Attribute.ListAttr(residual ? List.of(Attribute.word("residual")) : List.of()))
        .result();
  }

  private Value guided(OpBuilder builder, List<Value> known, Function function) {
    Value prediction = like(function.parameters().get(1), known);
    Value latent = like(function.parameters().get(0), known);
    return builder
        .create(FusedOps.GUIDED_STEP)
        .operands(
            prediction,
            latent,
            function.parameters().get(4),
            function.parameters().get(5))
        .result();
  }

  private List<Value> loop(OpBuilder builder, List<Value> known, Function function) {
    List<Value> carried = new ArrayList<>(List.of(like(function.parameters().get(0), known)));
    if (random.nextBoolean()) {
      carried.add(any(known));
    }
    List<TensorType> types = new ArrayList<>(List.of(TensorType.of(ScalarType.I32)));
    carried.forEach(v -> types.add(v.type()));
    return builder
        .create(StructureOps.LOOP)
        .operands(function.parameters().get(3))
        .operands(carried)
        .region(types, List.of("step", "z", "y").subList(0, types.size()), (inner, arguments) -> {
          List<Value> visible = new ArrayList<>(known);
          visible.addAll(arguments.subList(1, arguments.size()));
          fill(inner, visible, function, 1 + random.nextInt(8), false);
          List<Value> next = new ArrayList<>();
          for (Value argument : arguments.subList(1, arguments.size())) {
            next.add(inner.create(NnOps.SILU).operands(like(argument, visible)).result());
          }
          if (random.nextBoolean()) {
            next.set(
                0,
                inner
                    .create(FusedOps.GUIDED_STEP)
                    .operands(
                        function.parameters().get(1),
                        arguments.get(1),
                        function.parameters().get(4),
                        function.parameters().get(5))
                    .result());
          }
          inner.create(StructureOps.YIELD).operands(next).build();
        })
        .build()
        .results();
  }

  private Value any(List<Value> known) {
    // Late values more often: lifetimes stay short and memory is reused.
    int back = Math.min(random.nextInt(known.size()), random.nextInt(known.size()));
    return known.get(known.size() - 1 - back);
  }

  private Value like(Value wanted, List<Value> known) {
    List<Value> same =
        known.stream().filter(v -> v.type().equals(wanted.type())).toList();
    return same.isEmpty() ? wanted : any(same);
  }
}
