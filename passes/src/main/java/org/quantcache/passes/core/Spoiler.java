package org.quantcache.passes.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpChecks;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.StructureOps;

/**
 * Makes one of some operations wrong, in a way that its types allow and its function notices: an overlapping place in the arena,
 * swapped operands, another constant, another weight, another value that is there.
 */
final class Spoiler {
  private final IrModule module;
  private final Rewriter rewriter;

  Spoiler(IrModule module, OpRegistry registry) {
    this.module = module;
    this.rewriter = new Rewriter(module, registry, new Rewriter.Listener() {});
  }

  /** Spoils the first operation that can be, or a reader of one. Returns whether there was any. */
  boolean spoil(List<Operation> changed) {
    Set<Operation> readers = new LinkedHashSet<>();
    changed.forEach(op -> op.results().forEach(r -> readers.addAll(r.users())));
    List<Predicate<Operation>> ways = List.of(
        this::overlap,
        this::swapOperands,
        this::changeNumber,
        this::readAnotherWeight,
        this::readAnotherValue);
    for (List<Operation> candidates : List.of(changed, List.copyOf(readers))) {
      for (Predicate<Operation> way : ways) {
        if (candidates.stream().filter(Spoiler::isNoticed).anyMatch(way)) {
          return true;
        }
      }
    }
    return changed.stream().anyMatch(this::readTheResultInstead);
  }

  /** Whether what the operation computes reaches what the function returns. */
  private static boolean isNoticed(Operation op) {
    Set<Operation> seen = new HashSet<>(Set.of(op));
    Deque<Operation> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      Operation next = open.remove();
      if (next.is(StructureOps.RETURN) || next.is(StructureOps.YIELD)) {
        return true;
      }
      next.results().forEach(r -> r.users().stream().filter(seen::add).forEach(open::add));
    }
    return false;
  }

  /** A planned result lies where a value lies that is needed at the same time. */
  private boolean overlap(Operation op) {
    if (!isPlanned(op) || !op.regions().isEmpty()) {
      return false;
    }
    List<Long> places = new ArrayList<>(op.attributes().longs("at"));
    // Others of its results may still be without a place, and get theirs later.
    int result = 0;
    while (places.get(result) < 0) {
      result++;
    }
    Optional<Long> other = Stream.concat(
            op.operands().stream(),
            op.results().get(result).users().stream().flatMap(user -> user.operands().stream()))
        .flatMap(value -> place(value).stream())
        .filter(place -> place >= 0 && !places.contains(place))
        .findFirst();
    if (other.isPresent()) {
      places.set(result, other.get());
      rewriter.setAttributes(op, op.attributes().with("at", Attribute.longs(places)));
    }
    return other.isPresent();
  }

  private static Optional<Long> place(Value value) {
    return value
        .definingOperation()
        .filter(Spoiler::isPlanned)
        .map(source -> source.attributes().longs("at").get(value.index()));
  }

  private boolean swapOperands(Operation op) {
    boolean symmetric = op.is(MathOps.ADD) || op.is(MathOps.MUL) || isPlanned(op);
    for (int i = 0; i < op.operandCount() && !symmetric && op.regions().isEmpty(); i++) {
      for (int j = i + 1; j < op.operandCount(); j++) {
        Value left = op.operand(i);
        Value right = op.operand(j);
        if (left != right && left.type().equals(right.type()) && isPlain(left) && isPlain(right)) {
          rewriter.setOperand(op, i, right);
          rewriter.setOperand(op, j, left);
          return true;
        }
      }
    }
    return false;
  }

  /** A constant, a scale, an epsilon, a start or an order is another one. */
  private boolean changeNumber(Operation op) {
    Attributes old = op.attributes();
    if (isPlanned(op)) {
      return false;
    }
    if (old.has("value")) {
      return setAttribute(op, "value", Attribute.of(old.real("value") == 0 ? 1.0 : 0.0));
    }
    for (String name : List.of("scale", "epsilon")) {
      if (old.has(name)) {
        return setAttribute(op, name, Attribute.of(1 + 2 * old.real(name)));
      }
    }
    if (old.has("start")) {
      long start = old.integer("start");
      return setAttribute(op, "start", Attribute.of(start + 1))
          || (start > 0 && setAttribute(op, "start", Attribute.of(start - 1)));
    }
    return old.has("order") && reorder(op, old.longs("order"));
  }

  private boolean reorder(Operation op, List<Long> order) {
    for (int i = 0; i + 1 < order.size(); i++) {
      List<Long> other = new ArrayList<>(order);
      Collections.swap(other, i, i + 1);
      boolean moves = op.result().type().size(i) > 1;
      if (moves && setAttribute(op, "order", Attribute.longs(other))) {
        return true;
      }
    }
    return false;
  }

  /** Sets an attribute where the type rule allows it. */
  private boolean setAttribute(Operation op, String name, Attribute value) {
    Attributes old = op.attributes();
    rewriter.setAttributes(op, old.with(name, value));
    if (fits(op)) {
      return true;
    }
    rewriter.setAttributes(op, old);
    return false;
  }

  private static boolean fits(Operation op) {
    try {
      OpChecks.types(op);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private boolean readAnotherWeight(Operation op) {
    if (!op.is(StructureOps.WEIGHT_GET) || isPlanned(op)) {
      return false;
    }
    String symbol = op.attributes().symbol("weight");
    Optional<String> other = module.globals().stream()
        .filter(global -> global.is(StructureOps.WEIGHT_DEF)
            && global.attributes().type("type").equals(op.result().type()))
        .map(global -> global.symbol().orElseThrow())
        .filter(name -> !key(name).equals(key(symbol)))
        .findFirst();
    other.ifPresent(
        name -> rewriter.setAttributes(op, op.attributes().with("weight", Attribute.symbol(name))));
    return other.isPresent();
  }

  private String key(String symbol) {
    return module.findGlobal(symbol).orElseThrow().attributes().string("key");
  }

  private boolean readAnotherValue(Operation op) {
    for (int i = 0; i < op.operandCount() && !isPlanned(op) && op.regions().isEmpty(); i++) {
      Value operand = op.operand(i);
      Optional<Value> other = visible(op)
          .filter(v -> v != operand && v.type().equals(operand.type()) && isPlain(v))
          .findFirst();
      if (isPlain(operand) && other.isPresent()) {
        rewriter.setOperand(op, i, other.get());
        return true;
      }
    }
    return false;
  }

  /** Values that an operation may read, the nearest first. */
  private static Stream<Value> visible(Operation op) {
    List<Value> out = new ArrayList<>();
    for (Operation at = op; at != null; at = at.parent().owner().orElse(null)) {
      Region region = at.parent();
      List<Operation> operations = region.operations();
      for (int i = operations.indexOf(at) - 1; i >= 0; i--) {
        out.addAll(operations.get(i).results());
      }
      out.addAll(region.arguments());
    }
    return out.stream();
  }

  /** Readers behind an operation, that nobody notices, read its result in place of its operand. */
  private boolean readTheResultInstead(Operation op) {
    if (op.results().size() != 1 || op.operandCount() == 0 || isPlanned(op)) {
      return false;
    }
    Value operand = op.operand(0);
    List<Operation> after = op.parent().operations();
    List<Operation> behind = after.subList(after.indexOf(op) + 1, after.size());
    boolean fits = operand.type().equals(op.result().type());
    Optional<Operation> reader = operand.users().stream()
        .filter(user -> fits && behind.contains(user) && isNoticed(user))
        .findFirst();
    reader.ifPresent(
        user -> rewriter.setOperand(user, user.operands().indexOf(operand), op.result()));
    return reader.isPresent();
  }

  private static boolean isPlanned(Operation op) {
    return op.attributes().has("at");
  }

  /** Neither a step index nor the memory of a guard, which have places of their own. */
  private static boolean isPlain(Value value) {
    return value.type().rank() > 0
        && value.definingOperation().filter(op -> op.is(CacheOps.SLOT)).isEmpty();
  }
}
