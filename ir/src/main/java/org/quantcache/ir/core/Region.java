package org.quantcache.ir.core;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.types.TensorType;

/** A straight list of operations with arguments, nested in an operation or the body of a function. */
public final class Region {
  private final String name;
  private final List<Value> arguments = new ArrayList<>();
  private Operation owner;
  private Operation first;
  private Operation last;
  private int size;

  Region(String name) {
    this.name = name;
  }

  /** Name before the brace, such as {@code keep}; empty for the only region of an operation. */
  public String name() {
    return name;
  }

  public List<Value> arguments() {
    return ImmutableList.copyOf(arguments);
  }

  public Value argument(int index) {
    return arguments.get(index);
  }

  /** The operation whose region it is; empty for a function body. */
  public Optional<Operation> owner() {
    return Optional.ofNullable(owner);
  }

  /** The operations in order, as a copy that stays valid while the region is rewritten. */
  public List<Operation> operations() {
    List<Operation> out = new ArrayList<>(size);
    for (Operation operation = first; operation != null; operation = operation.next) {
      out.add(operation);
    }
    return out;
  }

  public int size() {
    return size;
  }

  /** The last operation. @throws IllegalStateException when the region is empty */
  public Operation terminator() {
    if (last == null) {
      throw new IllegalStateException("region '" + name + "' is empty");
    }
    return last;
  }

  /** True when {@code this} is {@code other} or lies in it at any depth. */
  public boolean isInside(Region other) {
    for (Region region = this; region != null; ) {
      if (region == other) {
        return true;
      }
      region = region.owner == null ? null : region.owner.parent();
    }
    return false;
  }

  /** Visits every operation in order, outer before inner, on a copy of each list. */
  public void walk(Consumer<Operation> visitor) {
    for (Operation operation : operations()) {
      visitor.accept(operation);
      for (Region region : operation.regions()) {
        region.walk(visitor);
      }
    }
  }

  Value addArgument(TensorType type, String hint) {
    Value value = new Value(type, hint, null, this, arguments.size());
    arguments.add(value);
    return value;
  }

  void removeArgument(Value argument) {
    if (!argument.isUnused()) {
      throw new IllegalStateException("cannot remove " + argument + ": it is still read");
    }
    int index = arguments.indexOf(argument);
    arguments.remove(index);
    for (int i = index; i < arguments.size(); i++) {
      arguments.get(i).setIndex(i);
    }
  }

  void setOwner(Operation operation) {
    owner = operation;
  }

  /** Inserts before {@code anchor}, or at the end when it is null. */
  void insert(Operation operation, Operation anchor) {
    operation.setParent(this);
    Operation before = anchor == null ? last : anchor.previous;
    operation.previous = before;
    operation.next = anchor;
    if (before == null) {
      first = operation;
    } else {
      before.next = operation;
    }
    if (anchor == null) {
      last = operation;
    } else {
      anchor.previous = operation;
    }
    size++;
  }

  void remove(Operation operation) {
    if (operation.previous == null) {
      first = operation.next;
    } else {
      operation.previous.next = operation.next;
    }
    if (operation.next == null) {
      last = operation.previous;
    } else {
      operation.next.previous = operation.previous;
    }
    operation.previous = null;
    operation.next = null;
    operation.setParent(null);
    size--;
  }
}
