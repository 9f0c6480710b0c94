package org.quantcache.ir.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/**
 * Small valid modules: weights of every element kind and layout, symbolic sizes, attributes of every kind with odd
 * texts and floats, a loop, clashing name hints. The same seed gives the same module.
 */
public final class IrGenerator {
  private static final OpRegistry REGISTRY = StandardOps.registry();
  private static final List<String> HINTS =
      List.of("", "x", "x", "x_1", "7", "loc", "ä.b", "a b", "_", "z");
  private static final List<String> PATHS =
      List.of("blocks.0.attn", "a \"quoted\" path", "\\", "\u00e4\u4e16\ud83d\ude00", "", "\n");
  private static final Dim TOKENS = Dim.symbol("L");

  private final SplittableRandom random;
  private final IrModule module;
  private int functions;

  private IrGenerator(long seed) {
    this.random = new SplittableRandom(seed);
    this.module = new IrModule(pick("m", "module", "a.b_1"), moduleAttributes());
  }

  /** The module of {@code seed}. */
  public static IrModule module(long seed) {
    IrGenerator generator = new IrGenerator(seed);
    generator.weights();
    int count = 1 + generator.random.nextInt(3);
    for (int i = 0; i < count; i++) {
      generator.function();
    }
    return generator.module;
  }

  @SafeVarargs
  private <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private Attributes moduleAttributes() {
    Attributes dim = Attributes.of("bound", Attribute.of(300)).with("name", Attribute.word("L"));
    Attributes all = Attributes.of(
            "dims", new Attribute.ListAttr(List.of(new Attribute.StructAttr("dim", dim))))
        .with("stages", new Attribute.ListAttr(List.of(Attribute.word("imported"))));
    int extra = random.nextInt(5);
    for (int i = 0; i < extra; i++) {
      all = all.with("extra_" + i, attribute(3));
    }
    return all.with("module", attribute(2));
  }

  /** A value of any kind, nested at most {@code depth} deep. */
  private Attribute attribute(int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> Attribute.of(pick(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, random.nextLong()));
      case 1 -> Attribute.of(odd());
      case 2 -> Attribute.word(pick("true", "tanh", "loc", "module", "func", "f32", "_", "E5"));
      case 3 -> Attribute.string(text());
      case 4 -> Attribute.symbol(pick("w", "a.b.c", "_"));
      case 5 -> Attribute.type(anyType());
      case 6 -> new Attribute.ListAttr(List.of());
      case 7 -> list(depth);
      default -> struct(depth);
    };
  }

  private Attribute list(int depth) {
    List<Attribute> values = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      values.add(attribute(depth - 1));
    }
    return new Attribute.ListAttr(values);
  }

  private Attribute struct(int depth) {
    Attributes fields = Attributes.NONE;
    int count = random.nextInt(3);
    for (int i = 0; i < count; i++) {
      fields = fields.with(pick("a", "loc", "Z_9"), attribute(depth - 1));
    }
    return new Attribute.StructAttr(pick("cache.policy", "s", "row"), fields);
  }

  private double odd() {
    return switch (random.nextInt(4)) {
      case 0 ->
        pick(
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            0.0,
            -0.0,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            1e-6);
      case 1 -> Double.longBitsToDouble(random.nextLong());
      default -> random.nextDouble() * 100;
    };
  }

  private String text() {
    StringBuilder out = new StringBuilder();
    int length = random.nextInt(6);
    for (int i = 0; i < length; i++) {
      out.append(pick(
          "a",
          "\"",
          "\\",
          "\n",
          "\r",
          "\t",
          "\u0000",
          "\u2028",
          "\ud83d\ude00",
          "\ud83d",
          "\u0130",
          "\u0661",
          "//",
          "\\u0041",
          "\u200f",
          "}"));
    }
    return out.toString();
  }

  private TensorType anyType() {
    List<Dim> dims = new ArrayList<>();
    int rank = random.nextInt(4);
    for (int i = 0; i < rank; i++) {
      dims.add(pick(
          Dim.of(0),
          Dim.of(1),
          Dim.of(4096),
          TOKENS,
          TOKENS.times(Dim.of(2)),
          TOKENS.times(TOKENS)));
    }
    TensorType type = TensorType.of(pick(ScalarType.values()), dims);
    return switch (random.nextInt(6)) {
      case 0 -> type.withElement(quantized());
      case 1 -> type.withLayout(Layout.panel(1 + random.nextInt(64)));
      case 2 -> type.withElement(quantized()).withLayout(Layout.quad(1 + random.nextInt(64)));
      case 3 -> type.withLayout(Layout.TILE);
      default -> type;
    };
  }

  /** A quantized weight needs a recipe, which has a test of its own. */
  private TensorType weightType() {
    TensorType type = anyType();
    return type.element() instanceof QuantType ? TensorType.of(ScalarType.F32, type.dims()) : type;
  }

  private QuantType quantized() {
    QuantType.Granularity per = pick(QuantType.Granularity.values());
    int group = per == QuantType.Granularity.GROUP ? 32 : 0;
    return new QuantType(
        2 + random.nextInt(7), 8, per, group, pick(ScalarType.F16, ScalarType.F32));
  }

  private void weights() {
    OpBuilder builder = new OpBuilder(module, REGISTRY);
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      OpBuilder.OpSpec spec = builder
          .create(StructureOps.WEIGHT_DEF)
          .symbol(pick("w", "blocks.0.w") + i)
          .attribute("key", Attribute.string(text()))
          .attribute(
              "type", Attribute.type(i == 0 ? TensorType.of(ScalarType.F16, 4, 4) : weightType()))
          .at(location());
      if (random.nextBoolean()) {
        spec.attribute("rows", Attribute.longs(3, 0, 3));
      }
      spec.build();
    }
  }

  private Location location() {
    int count = 1 + random.nextInt(2);
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      paths.add(PATHS.get(random.nextInt(PATHS.size())));
    }
    return Location.UNKNOWN.withPaths(paths);
  }

  private String hint() {
    return HINTS.get(random.nextInt(HINTS.size()));
  }

  private void function() {
    OpBuilder builder = new OpBuilder(module, REGISTRY).locate(location());
    TensorType square = TensorType.of(ScalarType.F32, 2, 4);
    TensorType tokens = TensorType.of(ScalarType.F32, List.of(TOKENS, Dim.of(4)));
    Function function = builder.function(
        "f" + functions++,
        List.of("x", "y", "grid"),
        List.of(square, tokens, TensorType.of(ScalarType.F32, List.of(Dim.of(3), Dim.of(2)))),
        random.nextBoolean() ? Attributes.NONE : Attributes.of("loc", attribute(2)));
    List<Value> pool = new ArrayList<>(function.parameters().subList(0, 2));
    int steps = 1 + random.nextInt(8);
    for (int i = 0; i < steps; i++) {
      step(builder, pool);
    }
    if (random.nextBoolean()) {
      loop(builder, pool, function.parameters().get(2));
    }
    List<Value> results = pool.subList(random.nextInt(pool.size()), pool.size());
    builder.create(StructureOps.RETURN).operands(results).build();
    builder.complete(function, results.stream().map(Value::type).toList(), function.attributes());
  }

  private void loop(OpBuilder builder, List<Value> pool, Value grid) {
    Value start = pool.get(0);
    OpBuilder.OpSpec spec = builder
        .create(StructureOps.LOOP)
        .operands(grid, start)
        .names(hint())
        .region(
            List.of(TensorType.of(ScalarType.I32), start.type()),
            List.of("i", "z"),
            (inner, arguments) -> {
              inner
                  .create(StructureOps.OBSERVE)
                  .operands(arguments)
                  .attribute("name", Attribute.string(text()))
                  .build();
              inner
                  .create(ModelOps.STEP_SIZE)
                  .operands(grid, arguments.get(0))
                  .attribute("train_steps", Attribute.of(1000))
                  .names("dt")
                  .build();
              Value next =
                  inner.create(NnOps.SILU).operands(arguments.get(1)).names("x").result();
              inner.create(StructureOps.YIELD).operands(next).build();
            });
    pool.add(spec.result());
  }

  private void step(OpBuilder builder, List<Value> pool) {
    Value x = pool.get(random.nextInt(pool.size()));
    builder.locate(location());
    Value made = switch (random.nextInt(8)) {
      case 0 -> builder.create(MathOps.ADD).operands(x, x).names(hint()).result();
      case 1 -> builder.create(NnOps.GELU).operands(x).names(hint()).result();
      case 2 ->
        builder
            .create(NnOps.LAYER_NORM)
            .operands(x)
            .attribute("epsilon", Attribute.of(odd()))
            .names(hint())
            .result();
      case 3 -> linear(builder, x);
      case 4 -> select(builder, x);
      case 5 ->
        builder
            .create(TensorOps.REPEAT)
            .operands(x)
            .attribute("times", Attribute.of(2))
            .result();
      case 6 ->
        builder
            .create(TensorOps.PERMUTE)
            .operands(x)
            .attribute("order", Attribute.longs(0, 1))
            .names(hint())
            .result();
      default ->
        builder
            .create(StructureOps.CONSTANT)
            .attribute("value", Attribute.of(odd()))
            .types(x.type())
            .names(hint())
            .result();
    };
    pool.add(made);
  }

  private Value linear(OpBuilder builder, Value x) {
    String symbol = module.globals().get(0).symbol().orElseThrow();
    Value weight = builder
        .create(StructureOps.WEIGHT_GET)
        .attribute("weight", Attribute.symbol(symbol))
        .types(TensorType.of(ScalarType.F16, 4, 4))
        .names(hint())
        .result();
    return builder.create(NnOps.LINEAR).operands(x, weight).names(hint()).result();
  }

  private Value select(OpBuilder builder, Value x) {
    Value condition = builder
        .create(MathOps.COMPARE)
        .operands(x, x)
        .attribute("predicate", Attribute.word(pick("ge", "eq")))
        .names(hint())
        .result();
    return builder
        .create(MathOps.SELECT)
        .operands(condition, x, x)
        .names(hint())
        .result();
  }
}
