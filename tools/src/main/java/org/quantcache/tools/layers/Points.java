package org.quantcache.tools.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.ScalarType;

/**
 * The values of a function that can be compared with those of another build of the model: the first results of its
 * operations, where they are floats. A value that only serves the next one at the same place is left out, for another
 * build may have merged both; so what stays is what stands at the end of a fused group.
 *
 * <p>A guard or a branch shows what its region shows last; where the region was left out, it stands in for it.
 */
final class Points {
  private static final Set<ScalarType> FLOATS =
      Set.of(ScalarType.F32, ScalarType.F16, ScalarType.BF16, ScalarType.F64);

  private final IrModule module;
  private final Map<Value, String> names = new IdentityHashMap<>();
  private final List<Point> points = new ArrayList<>();
  private final Map<Operation, Integer> numbers = new IdentityHashMap<>();

  private Points(IrModule module) {
    this.module = module;
  }

  static Points of(IrModule module, Function function) {
    Points out = new Points(module);
    List<Value> returned = function.body().terminator().operands();
    for (int i = 0; i < returned.size(); i++) {
      out.names.putIfAbsent(returned.get(i), function.resultNames().get(i));
    }
    out.visit(function.body(), Scope.ONCE);
    return out;
  }

  private enum Scope {
    ONCE,
    EVERY_STEP
  }

  /** In program order, which is the order of execution. */
  List<Point> all() {
    return points;
  }

  /** Number of the point that an operation shows. */
  OptionalInt number(Operation operation) {
    Integer number = numbers.get(operation);
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  private void visit(Region region, Scope scope) {
    for (Operation operation : region.operations()) {
      boolean loop = operation.is(StructureOps.LOOP);
      operation.regions().forEach(inner -> visit(inner, loop ? Scope.EVERY_STEP : scope));
      if (isStandIn(operation)) {
        operation
            .regions()
            .get(0)
            .terminator()
            .operand(0)
            .definingOperation()
            .map(numbers::get)
            .ifPresent(number -> numbers.put(operation, number));
      } else if (isComparable(operation)) {
        numbers.put(operation, points.size());
        points.add(point(operation, scope));
      }
    }
  }

  /** Whether an operation gives the value of its region, or something in its place. */
  static boolean isStandIn(Operation operation) {
    return operation.is(CacheOps.GUARD) || operation.is(PruneOps.BRANCH);
  }

  private Point point(Operation operation, Scope scope) {
    Value value = operation.results().get(0);
    String shape = value.type().dims().stream()
        .skip(1)
        .map(dim -> String.join("*", dim.symbols()) + dim.coefficient())
        .collect(Collectors.joining(","));
    return new Point(
        Point.place(operation.location()),
        operation.name(),
        operation.location(),
        names.getOrDefault(value, ""),
        shape,
        value.type().bytes(module::bound),
        scope == Scope.EVERY_STEP);
  }

  private boolean isComparable(Operation operation) {
    if (operation.results().isEmpty()
        || operation.is(StructureOps.WEIGHT_GET)
        || operation.is(StructureOps.LOOP)
        || operation.is(CacheOps.SLOT)) {
      return false;
    }
    Value value = operation.results().get(0);
    boolean isFloat =
        value.type().element() instanceof ScalarType scalar && FLOATS.contains(scalar);
    boolean hasPlace = !operation.location().paths().isEmpty();
    return isFloat && (names.containsKey(value) || (hasPlace && !servesItsPlace(value)));
  }

  /** Whether the only reader of a value stands at the same place of the model. */
  private static boolean servesItsPlace(Value value) {
    Set<Operation> users = value.users();
    if (users.size() != 1) {
      return false;
    }
    Operation user = users.iterator().next();
    Operation maker = value.definingOperation().orElseThrow();
    return !user.definition().has(Trait.TERMINATOR)
        && user.parent() == maker.parent()
        && Point.place(user.location()).equals(Point.place(maker.location()));
  }
}
