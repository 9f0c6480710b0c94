package org.quantcache.tools.layers;

import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Follows numbers that are not finite through a program, and tells of the operations that made them out of finite ones.
 * What only hands them on is not told.
 */
final class FiniteWatch {
  private final Set<Value> spoiled = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Operation> told = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Operation> weights = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Side.Sink sink;

  FiniteWatch(Side.Sink sink) {
    this.sink = sink;
  }

  /** A parameter of the function. */
  void given(Value parameter, Tensor value) {
    if (!isFinite(value)) {
      spoiled.add(parameter);
      sink.notFinite(parameter.nameHint(), "input", 0, first(value));
    }
  }

  /** Weights are read at every step and stay the same, so that one look is enough. */
  boolean isKnown(Operation operation) {
    return operation.is(StructureOps.WEIGHT_GET) && !weights.add(operation);
  }

  /** A result of an operation. */
  void computed(Operation operation, int step, Value result, Tensor value) {
    if (isFinite(value)) {
      spoiled.remove(result);
      return;
    }
    boolean handedOn = operation.operands().stream().anyMatch(this::isSpoiled)
        || (!operation.regions().isEmpty() && !spoiled.isEmpty());
    spoiled.add(result);
    if (!handedOn && told.add(operation)) {
      sink.notFinite(
          Point.place(operation.location()),
          operation.name(),
          step,
          first(value) + name(operation));
    }
  }

  private static String name(Operation operation) {
    return operation.is(StructureOps.WEIGHT_GET)
        ? " in weight " + operation.attributes().symbol("weight")
        : "";
  }

  /** A value that a loop carries is spoiled when the step before handed such a one on. */
  private boolean isSpoiled(Value value) {
    if (spoiled.contains(value)) {
      return true;
    }
    Region region = value.argumentOf().orElse(null);
    if (region == null || region.owner().isEmpty() || value.index() == 0) {
      return false;
    }
    return spoiled.contains(region.owner().get().operand(value.index()))
        || spoiled.contains(region.terminator().operand(value.index() - 1));
  }

  private static boolean isFinite(Tensor value) {
    return firstIndex(value) < 0;
  }

  private static String first(Tensor value) {
    int index = firstIndex(value);
    double found = value.get(index);
    String what = Double.isNaN(found) ? "NaN" : found > 0 ? "+inf" : "-inf";
    return what + " at element " + index + " of " + value.count();
  }

  private static int firstIndex(Tensor value) {
    if (!List.of(ScalarType.F32, ScalarType.F64, ScalarType.F16, ScalarType.BF16)
        .contains(value.element())) {
      return -1;
    }
    if (value.element() == ScalarType.F32) {
      FloatBuffer floats = value.data().asFloatBuffer();
      for (int i = 0; i < floats.capacity(); i++) {
        if (!Float.isFinite(floats.get(i))) {
          return i;
        }
      }
      return -1;
    }
    for (int i = 0; i < value.count(); i++) {
      if (!Double.isFinite(value.get(i))) {
        return i;
      }
    }
    return -1;
  }
}
