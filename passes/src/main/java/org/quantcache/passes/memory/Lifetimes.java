package org.quantcache.passes.memory;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;

/**
 * When each value of a function is alive. Views share the memory of their operand; the results of a loop that of its
 * arguments; the result of a guard or a branch that of what its region yields. A value from outside that is read in a region lives
 * until the region ends. Weights and the step index have no memory here.
 */
final class Lifetimes {
  private final ToLongFunction<String> bounds;
  private final Predicate<Operation> inPlace;
  private final Map<Value, Slot> slots = new IdentityHashMap<>();
  private final List<Slot> all = new ArrayList<>();
  private final Map<Operation, Integer> positions = new IdentityHashMap<>();
  private final Map<Region, Integer> ends = new IdentityHashMap<>();
  private int position;

  private Lifetimes(IrModule module, Predicate<Operation> inPlace) {
    this.bounds = module::bound;
    this.inPlace = inPlace;
  }

  /**
   * Lifetimes of a function.
   *
   * @param inPlace asked of each operation whose result could take the memory of an operand that dies
   */
  static Lifetimes of(IrModule module, Function function, Predicate<Operation> inPlace) {
    Lifetimes out = new Lifetimes(module, inPlace);
    out.number(function.body());
    function.parameters().forEach(p -> out.define(p, 0));
    out.visit(function.body());
    return out;
  }

  /** Memory of a value; null for weights and step indices. */
  Slot slot(Value value) {
    return slots.get(value);
  }

  List<Slot> slots() {
    return all;
  }

  private void number(Region region) {
    for (Operation operation : region.operations()) {
      positions.put(operation, ++position);
      operation.regions().forEach(this::number);
    }
    ends.put(region, ++position);
  }

  private void visit(Region region) {
    for (Operation operation : region.operations()) {
      int now = positions.get(operation);
      if (operation.is(StructureOps.LOOP)) {
        visitLoop(operation, now);
        continue;
      }
      if (operation.is(CacheOps.GUARD) || operation.is(PruneOps.BRANCH)) {
        visitGuard(operation, now);
        continue;
      }
      for (Value operand : operation.operands()) {
        extend(operand, region, now);
      }
      for (Value result : operation.results()) {
        defineResult(operation, result, region, now);
      }
    }
  }

  private void visitLoop(Operation loop, int now) {
    Region body = loop.regions().get(0);
    int end = ends.get(body);
    for (Value operand : loop.operands()) {
      extend(operand, loop.parent(), now);
    }
    // The grid is read by the body as often as the loop turns.
    extendTo(loop.operand(0), end);
    for (int i = 1; i < body.arguments().size(); i++) {
      Slot slot = define(body.argument(i), now);
      slot.end = end;
      share(loop.results().get(i - 1), slot);
    }
    visit(body);
  }

  private void visitGuard(Operation guard, int now) {
    Region body = guard.regions().get(0);
    int end = ends.get(body);
    // The base and the slot are read behind the region, where the cached value is stored.
    guard.operands().forEach(operand -> extend(operand, guard.parent(), end));
    visit(body);
    Slot yielded = slots.get(body.terminator().operand(0));
    boolean own = yielded == null || yielded.start < now;
    if (own) {
      define(guard.result(), now);
    } else {
      share(guard.result(), yielded);
    }
    slots.get(guard.result()).end = Math.max(slots.get(guard.result()).end, end);
  }

  private void defineResult(Operation operation, Value result, Region region, int now) {
    if (operation.is(StructureOps.WEIGHT_GET)) {
      return;
    }
    if (operation.definition().has(Trait.VIEW)) {
      Slot shared = slots.get(operation.operand(0));
      if (shared != null) {
        share(result, shared);
      }
      return;
    }
    Value reused = result.index() == 0 ? reusable(operation, region, now) : null;
    if (reused != null && inPlace.test(operation)) {
      share(result, slots.get(reused));
    } else {
      define(result, now);
    }
  }

  private Slot define(Value value, int now) {
    long bytes = Math.max(1, value.type().bytes(bounds));
    Slot slot = new Slot(bytes, now);
    share(value, slot);
    all.add(slot);
    return slot;
  }

  private void share(Value value, Slot slot) {
    slots.put(value, slot);
    slot.values.add(value);
  }

  private void extend(Value value, Region reader, int now) {
    int until = now;
    // Outside values that a loop reads are needed again in its next turn.
    for (Region region = reader; region != value.region(); ) {
      until = Math.max(until, ends.get(region));
      region = region.owner().orElseThrow().parent();
    }
    extendTo(value, until);
  }

  private void extendTo(Value value, int until) {
    Slot slot = slots.get(value);
    if (slot != null) {
      slot.end = Math.max(slot.end, until);
    }
  }

  /** The operand whose memory the result may take: read and written element by element, and dead afterwards. */
  private Value reusable(Operation operation, Region region, int now) {
    OptionalInt place = InPlace.operand(operation);
    if (place.isEmpty()) {
      return null;
    }
    int index = place.getAsInt();
    Value operand = operation.operand(index);
    Slot slot = slots.get(operand);
    boolean fits =
        slot != null && operand.type().equals(operation.results().get(0).type());
    if (!fits || sharedByAnotherOperand(operation, index, slot)) {
      return null;
    }
    boolean carried = carriedThroughLoop(operation, operand, region);
    return carried || lastReader(slot, now) ? operand : null;
  }

  private boolean sharedByAnotherOperand(Operation operation, int index, Slot slot) {
    for (int i = 0; i < operation.operandCount(); i++) {
      if (i != index && slots.get(operation.operand(i)) == slot) {
        return true;
      }
    }
    return false;
  }

  /** No value of the slot is read after {@code now}. */
  private boolean lastReader(Slot slot, int now) {
    if (slot.end > now) {
      return false;
    }
    for (Map.Entry<Value, Slot> entry : slots.entrySet()) {
      if (entry.getValue() == slot && readLater(entry.getKey(), now)) {
        return false;
      }
    }
    return true;
  }

  private boolean readLater(Value value, int now) {
    for (Operation user : value.uses()) {
      if (positions.get(user) > now) {
        return true;
      }
      boolean inLoop = user.parent() != value.region();
      if (inLoop) {
        return true;
      }
      for (Value result : user.definition().has(Trait.VIEW) ? user.results() : List.<Value>of()) {
        if (readLater(result, now)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The result is handed on as the next value of the very argument that it overwrites, and that one is dead. */
  private boolean carriedThroughLoop(Operation operation, Value operand, Region region) {
    if (operand.argumentOf().filter(r -> r == region && r.owner().isPresent()).isEmpty()) {
      return false;
    }
    int carried = operand.index() - 1;
    Operation yield = region.terminator();
    boolean yielded =
        carried >= 0 && yield.operand(carried) == operation.results().get(0);
    return yielded && !readLater(operand, positions.get(operation));
  }
}
