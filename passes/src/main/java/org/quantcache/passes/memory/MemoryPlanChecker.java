package org.quantcache.passes.memory;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;

/**
 * Proves a memory plan by going through the program as the executor does, with the offsets as the attributes state
 * them: whatever an operation reads must still lie where it was written. A loop body is gone through twice, so that
 * the second turn meets what the first one left. It knows nothing of how the plan was made.
 */
public final class MemoryPlanChecker {
  private static final int TURNS = 2;

  private final IrModule module;
  private final List<String> problems = new ArrayList<>();
  private final Map<Value, Long> offsets = new IdentityHashMap<>();
  private ArenaImage arena = new ArenaImage();
  private long arenaBytes;

  private MemoryPlanChecker(IrModule module) {
    this.module = module;
  }

  /** @throws UserError PA0301 when a value would be overwritten before its last reader or lies outside of the arena */
  public static void check(IrModule module) {
    List<String> problems = problems(module);
    if (!problems.isEmpty()) {
      throw UserError.of(
          "PA0301",
          "the memory plan is wrong: %s%s",
          problems.get(0),
          problems.size() > 1 ? " and " + (problems.size() - 1) + " more" : "");
    }
  }

  /** What is wrong with the plan of each function, in program order. */
  public static List<String> problems(IrModule module) {
    MemoryPlanChecker checker = new MemoryPlanChecker(module);
    module.functions().forEach(checker::function);
    return checker.problems;
  }

  private void function(Function function) {
    Attributes attributes = function.attributes();
    if (!attributes.has("arena_bytes") || !attributes.has("params_at")) {
      problems.add("@" + function.name() + " has no plan");
      return;
    }
    arena = new ArenaImage();
    arenaBytes = attributes.integer("arena_bytes");
    place(
        function.parameters(), attributes.longs("params_at"), "parameters of @" + function.name());
    function.parameters().forEach(this::write);
    region(function.body());
  }

  private void region(Region region) {
    for (Operation operation : region.operations()) {
      if (operation.is(StructureOps.LOOP)) {
        loop(operation);
      } else if (operation.is(CacheOps.GUARD) || operation.is(PruneOps.BRANCH)) {
        guard(operation);
      } else if (!operation.is(StructureOps.WEIGHT_GET)) {
        operation(operation);
      }
    }
  }

  private void operation(Operation operation) {
    operation.operands().forEach(operand -> read(operand, operation));
    boolean view = operation.definition().has(Trait.VIEW);
    if (view && !hasMemory(operation.operand(0))) {
      return;
    }
    if (!place(operation.results(), placesOf(operation), operation.toString())) {
      return;
    }
    if (view) {
      if (!offsets.get(operation.result()).equals(offsets.get(operation.operand(0)))) {
        problems.add(operation + " is a view but lies apart from its operand");
      }
      return;
    }
    operation.results().forEach(result -> keepsOperands(operation, result));
    operation.results().forEach(this::write);
  }

  private void loop(Operation loop) {
    Region body = loop.regions().get(0);
    loop.operands().forEach(operand -> read(operand, loop));
    List<Value> carried = body.arguments().subList(1, body.arguments().size());
    Attributes attributes = loop.attributes();
    if (!attributes.has("args_at") || !attributes.has("at")) {
      problems.add(loop + " has no plan");
      return;
    }
    List<Long> argumentsAt = attributes.longs("args_at");
    place(carried, argumentsAt.subList(1, argumentsAt.size()), "arguments of " + loop);
    for (int i = 0; i < carried.size(); i++) {
      read(loop.operand(i + 1), loop);
      write(carried.get(i));
    }
    for (int turn = 0; turn < TURNS; turn++) {
      region(body);
      handOn(body.terminator(), carried);
      read(loop.operand(0), loop);
    }
    place(loop.results(), attributes.longs("at"), loop.toString());
    for (int i = 0; i < carried.size(); i++) {
      if (!offsets.get(loop.results().get(i)).equals(offsets.get(carried.get(i)))) {
        problems.add(loop + ": result " + i + " lies apart from what the loop carries");
      }
      write(loop.results().get(i));
    }
  }

  /** A computed step; one that reuses writes nothing but the result, which this one writes as well. */
  private void guard(Operation guard) {
    Region body = guard.regions().get(0);
    guard.operands().forEach(operand -> read(operand, guard));
    region(body);
    Value yielded = body.terminator().operand(0);
    if (!place(guard.results(), placesOf(guard), guard.toString())) {
      return;
    }
    read(yielded, guard);
    keepsOperands(guard, guard.result());
    write(guard.result());
    guard.operands().forEach(operand -> read(operand, guard));
  }

  private static List<Long> placesOf(Operation operation) {
    return operation.attributes().has("at") ? operation.attributes().longs("at") : List.of();
  }

  /** Yielded values are copied one after the other: an early copy must not cover a later value. */
  private void handOn(Operation yield, List<Value> carried) {
    for (int i = 0; i < carried.size(); i++) {
      read(yield.operand(i), yield);
      Long target = offsets.get(carried.get(i));
      if (target != null && !target.equals(offsets.get(yield.operand(i)))) {
        arena.write(target, target + bytes(carried.get(i)), yield);
      }
    }
    carried.forEach(this::write);
  }

  /** Notes stated offsets. Returns whether all are there. */
  private boolean place(List<Value> values, List<Long> at, String owner) {
    if (at.size() != values.size()) {
      problems.add(owner + ": " + at.size() + " offsets for " + values.size() + " values");
      return false;
    }
    for (int i = 0; i < at.size(); i++) {
      long offset = at.get(i);
      if (offset < 0
          || offset % MemoryPlanPass.ALIGNMENT != 0
          || offset + bytes(values.get(i)) > arenaBytes) {
        problems.add(owner + ": offset " + offset + " of " + values.get(i) + " is not in 0.."
            + arenaBytes + " or no multiple of " + MemoryPlanPass.ALIGNMENT);
      }
      offsets.put(values.get(i), offset);
    }
    return true;
  }

  private void read(Value value, Operation reader) {
    if (!hasMemory(value)) {
      return;
    }
    Long offset = offsets.get(value);
    if (offset == null || !arena.holds(offset, offset + bytes(value), root(value))) {
      problems.add(value + " is overwritten before " + reader + " reads it");
    }
  }

  private void write(Value value) {
    Long offset = offsets.get(value);
    if (offset != null) {
      arena.write(offset, offset + bytes(value), value);
    }
  }

  /** A result may only meet an operand that its kernel reads element by element, and then exactly. */
  private void keepsOperands(Operation operation, Value result) {
    long start = offsets.get(result);
    OptionalInt inPlace = InPlace.operand(operation);
    for (int i = 0; i < operation.operandCount(); i++) {
      Value operand = operation.operand(i);
      Long offset = hasMemory(operand) ? offsets.get(operand) : null;
      if (offset == null || offset >= start + bytes(result) || start >= offset + bytes(operand)) {
        continue;
      }
      boolean allowed = inPlace.isPresent()
          && inPlace.getAsInt() == i
          && offset == start
          && operand.type().equals(result.type());
      if (!allowed) {
        problems.add(operation + " writes over operand " + i + " while it reads it");
      }
    }
  }

  /** False for weights, views of weights and step indices. */
  private static boolean hasMemory(Value value) {
    Value root = root(value);
    boolean weight =
        root.definingOperation().filter(op -> op.is(StructureOps.WEIGHT_GET)).isPresent();
    boolean stepIndex =
        root.argumentOf().filter(r -> r.owner().isPresent()).isPresent() && root.index() == 0;
    return !weight && !stepIndex;
  }

  /** The value whose memory this one shows. */
  private static Value root(Value value) {
    Value root = value;
    while (root.definingOperation().filter(MemoryPlanChecker::isShownOperand).isPresent()) {
      root = root.definingOperation().orElseThrow().operand(0);
    }
    return root;
  }

  private static boolean isShownOperand(Operation operation) {
    return operation.definition().has(Trait.VIEW) && operation.operandCount() > 0;
  }

  private long bytes(Value value) {
    return Math.max(1, value.type().bytes(module::bound));
  }
}
