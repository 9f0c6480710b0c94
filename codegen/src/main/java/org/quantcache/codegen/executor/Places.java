package org.quantcache.codegen.executor;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Where values lie, as Java expressions of the executor's source. */
final class Places {
  private final Map<Value, Long> offsets = new IdentityHashMap<>();
  private final Map<Value, String> weights = new IdentityHashMap<>();

  /** What a value is a view of. */
  private final Map<Value, Value> sources = new IdentityHashMap<>();

  /** Values that Java can read as they are. */
  private final Set<Value> onHost = Collections.newSetFromMap(new IdentityHashMap<>());

  private final IrModule module;

  private Places(IrModule module) {
    this.module = module;
  }

  /** Places that pass memory-plan gave to the values of a function. */
  static Places of(IrModule module, Function function) {
    Places out = new Places(module);
    out.put(function.parameters(), function.attributes().longs("params_at"));
    out.onHost.addAll(function.parameters());
    function.body().walk(out::visit);
    return out;
  }

  private void visit(Operation operation) {
    if (operation.is(StructureOps.WEIGHT_GET)) {
      weights.put(operation.result(), operation.attributes().symbol("weight"));
    } else if (operation.definition().has(Trait.VIEW)) {
      Value source = operation.operand(0);
      sources.put(operation.result(), source);
      if (weights.containsKey(source)) {
        weights.put(operation.result(), weights.get(source));
      } else {
        offsets.put(operation.result(), offset(source));
      }
    } else if (operation.attributes().has("at")) {
      put(operation.results(), operation.attributes().longs("at"));
    }
    if (operation.is(StructureOps.LOOP)) {
      put(operation.regions().get(0).arguments(), operation.attributes().longs("args_at"));
    }
  }

  private void put(List<Value> values, List<Long> at) {
    for (int i = 0; i < values.size(); i++) {
      offsets.put(values.get(i), at.get(i));
    }
  }

  /** Largest value of a symbolic size. */
  long bound(String symbol) {
    return module.bound(symbol);
  }

  /** Largest value of a size. */
  long bound(Dim dim) {
    return dim.evaluate(module::bound);
  }

  /** Offset in the arena. @throws IllegalStateException for a weight */
  long offset(Value value) {
    Long offset = offsets.get(value);
    if (offset == null || offset < 0) {
      throw new IllegalStateException(value + " has no place in the arena");
    }
    return offset;
  }

  /** Whether Java can read a value as it is: a weight, a parameter, the step of a loop, or what Java wrote. */
  boolean isOnHost(Value value) {
    boolean isStep = offsets.getOrDefault(value, -1L) < 0;
    return weights.containsKey(value) || isStep || onHost.contains(root(value));
  }

  /** Whether Java can read a value in the arena as it is. */
  boolean canJavaCopy(Value value) {
    return offsets.getOrDefault(value, -1L) >= 0 && isOnHost(value);
  }

  /** Java wrote the value. */
  void nowOnHost(Value value) {
    onHost.add(root(value));
  }

  private Value root(Value value) {
    Value out = value;
    while (sources.containsKey(out)) {
      out = sources.get(out);
    }
    return out;
  }

  /** Offset and number of bytes of a value, as two arguments. */
  String extent(Value value) {
    return offset(value) + "L, " + byteCount(value.type());
  }

  /** The kind of element that memory holds; quantized values and their cells are bytes. */
  static ScalarType stored(Value value) {
    return value.type().element() instanceof QuantType quantized
        ? quantized.valueType()
        : (ScalarType) value.type().element();
  }

  /** Address of the first element. */
  String address(Value value) {
    String weight = weights.get(value);
    return weight != null ? "weight(\"" + weight + "\")" : "at(" + offset(value) + "L)";
  }

  /** Address {@code bytes} behind the first element. */
  String address(Value value, String bytes) {
    return bytes.equals("0") || bytes.equals("0L")
        ? address(value)
        : address(value) + " + " + bytes;
  }

  /** A view of f32 elements. */
  String floats(Value value) {
    require(value, ScalarType.F32);
    String weight = weights.get(value);
    return weight != null
        ? "weightFloats(\"" + weight + "\")"
        : "floats(" + offset(value) + "L, " + count(value.type()) + ")";
  }

  /** A view of i64 elements. */
  String longs(Value value) {
    require(value, ScalarType.I64);
    return "longs(" + offset(value) + "L, " + count(value.type()) + ")";
  }

  /** A view of i32 elements. */
  String ints(Value value) {
    require(value, ScalarType.I32);
    return "ints(" + offset(value) + "L, " + count(value.type()) + ")";
  }

  /** A view of bytes. */
  String bytes(Value value) {
    require(value, ScalarType.I1);
    return "bytes(" + offset(value) + "L, " + count(value.type()) + ")";
  }

  private static void require(Value value, ScalarType element) {
    if (!value.type().element().equals(element)) {
      throw UserError.of(
          "CG0201",
          "the host routine reads %s, found %s",
          element.text(),
          value.type().text());
    }
  }

  /** A size: {@code 6} or {@code 2 * L}. */
  static String size(Dim dim) {
    if (dim.isConstant()) {
      return Long.toString(dim.coefficient());
    }
    String product = String.join(" * ", dim.symbols());
    return dim.coefficient() == 1 ? product : dim.coefficient() + " * " + product;
  }

  /** Number of elements. */
  static String count(TensorType type) {
    return size(type.elements());
  }

  /** Number of bytes. */
  static String byteCount(TensorType type) {
    return size(type.elements().times(Dim.of(((ScalarType) type.element()).bytes())));
  }

  /** Product of the sizes of the axes {@code from..to}. */
  static Dim product(TensorType type, int from, int to) {
    Dim out = Dim.of(1);
    for (Dim dim : type.dims().subList(from, to)) {
      out = out.times(dim);
    }
    return out;
  }

  /** Sizes, all of which must be constant. @throws UserError CG0202 otherwise */
  static List<Long> constantSizes(Operation operation, Value value) {
    if (!value.type().isConstant()) {
      throw UserError.of(
          "CG0202",
          "'%s' at %s has the symbolic type %s, its kernel needs constant sizes",
          operation.name(),
          operation.location().text(),
          value.type().text());
    }
    return value.type().dims().stream().map(Dim::coefficient).collect(Collectors.toList());
  }
}
