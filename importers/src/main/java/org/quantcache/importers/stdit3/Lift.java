package org.quantcache.importers.stdit3;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.OpBuilder.OpSpec;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Vocabulary of the importer: one method for each primitive, at the insertion point and place of the builder. */
final class Lift {
  private final StditConfig config;
  private final OpBuilder builder;
  private final Function<String, Optional<ScalarType>> storedTypes;
  private final Set<String> defined;
  private final String resultName;

  Lift(StditConfig config, OpBuilder builder, Function<String, Optional<ScalarType>> storedTypes) {
    this(config, builder, storedTypes, new LinkedHashSet<>(), "");
  }

  private Lift(
      StditConfig config,
      OpBuilder builder,
      Function<String, Optional<ScalarType>> storedTypes,
      Set<String> defined,
      String resultName) {
    this.config = config;
    this.builder = builder;
    this.storedTypes = storedTypes;
    this.defined = defined;
    this.resultName = resultName;
  }

  /** The same vocabulary inside a region. */
  Lift inside(OpBuilder inner) {
    return new Lift(config, inner, storedTypes, defined, "");
  }

  /** The same vocabulary whose results are named so, and not after their module path. */
  Lift called(String name) {
    return new Lift(config, builder, storedTypes, defined, name);
  }

  StditConfig config() {
    return config;
  }

  OpBuilder builder() {
    return builder;
  }

  IrModule module() {
    return builder.module();
  }

  /** Module path of the operations that follow. */
  Lift at(String path) {
    builder.locate(Location.of(path));
    return this;
  }

  /** Starts an operation at the present place. */
  OpSpec op(String kind) {
    return builder.create(kind).names(resultName.isEmpty() ? nameOfPlace() : resultName);
  }

  /** The last word of the module path, with the number that follows it: {@code qkv}, {@code mlp_0}. */
  private String nameOfPlace() {
    List<String> words = Splitter.on('.').splitToList(builder.location().paths().get(0));
    int last = words.size() - 1;
    boolean number = last > 0 && words.get(last).matches("[0-9]+");
    return number ? words.get(last - 1) + "_" + words.get(last) : words.get(last);
  }

  boolean hasWeight(String key) {
    return storedTypes.apply(key).isPresent();
  }

  /** A checkpoint tensor in its stored element kind, seen with the given sizes. */
  Value weight(String key, long... sizes) {
    ScalarType stored = storedTypes
        .apply(key)
        .orElseThrow(() ->
            new IllegalStateException("the layout check lets no checkpoint pass without " + key));
    TensorType type = TensorType.of(stored, sizes);
    if (defined.add(key)) {
      builder
          .create(StructureOps.WEIGHT_DEF)
          .symbol(key)
          .attribute("key", Attribute.string(key))
          .attribute("type", Attribute.type(type))
          .build();
    }
    return op(StructureOps.WEIGHT_GET)
        .attribute("weight", Attribute.symbol(key))
        .types(type)
        .names(key.substring(key.lastIndexOf('.') + 1))
        .result();
  }

  /** A checkpoint tensor as f32. */
  Value weightF32(String key, long... sizes) {
    return cast(weight(key, sizes), ScalarType.F32);
  }

  Value cast(Value x, ScalarType element) {
    return x.type().element().equals(element)
        ? x
        : op(TensorOps.CAST).operands(x).types(x.type().withElement(element)).result();
  }

  /** {@code name.weight} and {@code name.bias} applied to the last axis, at place {@code name}. */
  Value linear(Value x, String name, long out) {
    long in = x.type().size(-1);
    at(name);
    return op(NnOps.LINEAR)
        .operands(x, weight(name + ".weight", out, in), weight(name + ".bias", out))
        .result();
  }

  Value reshape(Value x, Dim... dims) {
    return op(TensorOps.RESHAPE)
        .operands(x)
        .types(x.type().withDims(List.of(dims)))
        .result();
  }

  Value reshape(Value x, long... sizes) {
    List<Dim> dims = new ArrayList<>();
    for (long size : sizes) {
      dims.add(Dim.of(size));
    }
    return reshape(x, dims.toArray(new Dim[0]));
  }

  Value permute(Value x, long... order) {
    return op(TensorOps.PERMUTE)
        .operands(x)
        .attribute("order", Attribute.longs(order))
        .result();
  }

  Value slice(Value x, int axis, long start, Dim size) {
    return op(TensorOps.SLICE)
        .operands(x)
        .attribute("axis", Attribute.of((long) axis))
        .attribute("start", Attribute.of(start))
        .types(x.type().withDim(axis, size))
        .result();
  }

  Value slice(Value x, int axis, long start, long size) {
    return slice(x, axis, start, Dim.of(size));
  }

  Value concat(int axis, Value... parts) {
    return op(TensorOps.CONCAT)
        .operands(parts)
        .attribute("axis", Attribute.of((long) axis))
        .result();
  }

  Value repeat(Value x, long times) {
    return op(TensorOps.REPEAT)
        .operands(x)
        .attribute("times", Attribute.of(times))
        .result();
  }

  Value pad(Value x, long... after) {
    return op(TensorOps.PAD)
        .operands(x)
        .attribute("after", Attribute.longs(after))
        .result();
  }

  Value constant(double value, TensorType type) {
    return op(StructureOps.CONSTANT)
        .attribute("value", Attribute.of(value))
        .types(type)
        .result();
  }

  Value add(Value a, Value b) {
    return op(MathOps.ADD).operands(a, b).result();
  }

  Value sub(Value a, Value b) {
    return op(MathOps.SUB).operands(a, b).result();
  }

  Value mul(Value a, Value b) {
    return op(MathOps.MUL).operands(a, b).result();
  }

  Value select(Value condition, Value a, Value b) {
    return op(MathOps.SELECT).operands(condition, a, b).result();
  }

  Value compare(String predicate, Value a, Value b) {
    return op(MathOps.COMPARE)
        .operands(a, b)
        .attribute("predicate", Attribute.word(predicate))
        .result();
  }

  Value andNot(Value a, Value b) {
    return op(MathOps.AND_NOT).operands(a, b).result();
  }

  Value gelu(Value x) {
    return op(NnOps.GELU).operands(x).result();
  }

  Value silu(Value x) {
    return op(NnOps.SILU).operands(x).result();
  }

  Value layerNorm(Value x) {
    return op(NnOps.LAYER_NORM)
        .operands(x)
        .attribute("epsilon", Attribute.of(Network.EPSILON))
        .result();
  }

  Value modulate(Value x, Value shift, Value scale) {
    return op(NnOps.MODULATE).operands(x, shift, scale).result();
  }
}
