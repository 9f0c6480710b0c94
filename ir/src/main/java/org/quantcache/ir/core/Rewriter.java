package org.quantcache.ir.core;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.TensorType;

/**
 * The only way to change a built module. Every change that stands for one optimization is announced with an event
 * name, so that remarks, statistics and rewrite limits see it.
 */
public final class Rewriter extends OpBuilder {
  /** Told of every rewrite, and asked before it whether it may happen. */
  public interface Listener {
    /** Whether the rewrite {@code event} at {@code location} may be made. */
    default boolean mayRewrite(String event, Location location) {
      return true;
    }

    /** The rewrite {@code event} was made at {@code location}. */
    default void rewritten(String event, Location location, Attributes details) {}

    /** A chance was seen and not taken. */
    default void missed(String event, Location location, String reason) {}
  }

  private final Listener listener;
  private long changes;
  private long refused;

  public Rewriter(IrModule module, OpRegistry registry, Listener listener) {
    super(module, registry);
    this.listener = listener;
  }

  /**
   * Asks the listener. A rule calls it once, before its first change; when it may, it makes the rewrite and reports it.
   */
  public boolean mayRewrite(String event, Location location) {
    boolean may = listener.mayRewrite(event, location);
    refused += may ? 0 : 1;
    return may;
  }

  /** Number of rewrites that the listener refused. What all rewrites of a pass together promise then need not hold. */
  public long refused() {
    return refused;
  }

  /** Reports a finished rewrite. */
  public void report(String event, Location location, Attributes details) {
    listener.rewritten(event, location, details);
  }

  /** Reports a chance that was not taken. */
  public void reportMissed(String event, Location location, String reason) {
    listener.missed(event, location, reason);
  }

  /** Number of changes so far; equal before and after means that nothing happened. */
  public long changes() {
    return changes;
  }

  @Override
  void inserted(Operation operation) {
    changes++;
  }

  /** Every reader of {@code from} reads {@code to} from now on. Types must agree. */
  public void replaceUses(Value from, Value to) {
    if (!from.type().equals(to.type())) {
      throw new IllegalArgumentException("cannot put " + to + " in the place of " + from);
    }
    for (Operation user : from.uses()) {
      for (int i = 0; i < user.operandCount(); i++) {
        if (user.operand(i) == from) {
          user.setOperand(i, to);
          changes++;
        }
      }
    }
    if (to.nameHint().isEmpty()) {
      to.setNameHint(from.nameHint());
    }
  }

  /** Replaces the results of {@code operation} and erases it. */
  public void replace(Operation operation, List<Value> values) {
    for (int i = 0; i < values.size(); i++) {
      replaceUses(operation.results().get(i), values.get(i));
    }
    erase(operation);
  }

  /** Replaces the only result of {@code operation} and erases it. */
  public void replace(Operation operation, Value value) {
    replace(operation, List.of(value));
  }

  /** Removes an operation whose results nobody reads. @throws IllegalStateException when somebody does */
  public void erase(Operation operation) {
    for (Value result : operation.results()) {
      if (!result.isUnused()) {
        throw new IllegalStateException(
            "cannot erase " + operation + ": " + result + " is still read");
      }
    }
    for (Region region : operation.regions()) {
      List<Operation> inner = new ArrayList<>(region.operations());
      java.util.Collections.reverse(inner);
      inner.forEach(this::erase);
    }
    operation.dropOperands();
    if (operation.definition().has(OpDef.Trait.GLOBAL)) {
      module().removeGlobal(operation);
    } else {
      operation.parent().remove(operation);
    }
    changes++;
  }

  public void setOperand(Operation operation, int index, Value value) {
    operation.setOperand(index, value);
    changes++;
  }

  public void setAttributes(Operation operation, Attributes attributes) {
    OpChecks.attributes(operation.definition(), attributes);
    if (!operation.attributes().equals(attributes)) {
      operation.setAttributes(attributes);
      changes++;
    }
  }

  public void setAttributes(Function function, Attributes attributes) {
    function.setAttributes(attributes);
    changes++;
  }

  public void setResultTypes(Function function, List<TensorType> types) {
    function.setResultTypes(types);
    changes++;
  }

  /** Gives a value another type; who does so makes its readers fit, to which the verifier holds them. */
  public void setType(Value value, TensorType type) {
    value.setType(type);
    changes++;
  }

  /** Types that the rule of an operation gives its results for the operands of now. */
  public List<TensorType> inferred(Operation operation) {
    List<TensorType> operands = operation.operands().stream().map(Value::type).toList();
    return OpChecks.infer(
        operation.definition(),
        new Signature(operation.name(), operands, operation.attributes(), List.of()));
  }

  public void setNameHint(Value value, String hint) {
    value.setNameHint(hint);
  }

  /** Moves an operation right before another, possibly into an outer region. */
  public void moveBefore(Operation operation, Operation target) {
    operation.parent().remove(operation);
    target.parent().insert(operation, target);
    changes++;
  }

  /** Takes a function out of the module. */
  public void erase(Function function) {
    module().removeFunction(function);
    changes++;
  }

  /** Adds a parameter behind the others of a function, whose callers must then give it. */
  public Value addParameter(Function function, TensorType type, String name) {
    changes++;
    return function.body().addArgument(type, name);
  }

  /** Gives a function parameter up. @throws IllegalStateException when it is still read */
  public void eraseParameter(Function function, Value parameter) {
    function.body().removeArgument(parameter);
    changes++;
  }
}
