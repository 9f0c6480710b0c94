package org.quantcache.ir.core;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.types.TensorType;

/** Result of an operation or argument of a region. Identity is meaning: equal types do not make equal values. */
public final class Value {
  private TensorType type;
  private final Operation definingOperation;
  private final Region argumentOf;
  private int index;
  private final List<Operation> uses = new ArrayList<>();
  private String nameHint;

  Value(
      TensorType type, String nameHint, Operation definingOperation, Region argumentOf, int index) {
    this.type = type;
    this.nameHint = nameHint;
    this.definingOperation = definingOperation;
    this.argumentOf = argumentOf;
    this.index = index;
  }

  public TensorType type() {
    return type;
  }

  void setType(TensorType other) {
    type = other;
  }

  /** Preferred name without {@code %}; the printer makes names unique. May be empty. */
  public String nameHint() {
    return nameHint;
  }

  void setNameHint(String hint) {
    nameHint = hint;
  }

  /** The operation that computes it; empty for a region argument. */
  public Optional<Operation> definingOperation() {
    return Optional.ofNullable(definingOperation);
  }

  /** The region whose argument it is; empty for a result. */
  public Optional<Region> argumentOf() {
    return Optional.ofNullable(argumentOf);
  }

  /** Position among the results or arguments. */
  public int index() {
    return index;
  }

  void setIndex(int position) {
    index = position;
  }

  /** The region in which it is defined; values are visible there and in regions nested deeper. */
  public Region region() {
    return argumentOf != null ? argumentOf : definingOperation.parent();
  }

  /** Operations that read it, one entry per operand, in the order in which the uses were made. */
  public List<Operation> uses() {
    return ImmutableList.copyOf(uses);
  }

  /** Operations that read it, each once. */
  public Set<Operation> users() {
    return new LinkedHashSet<>(uses);
  }

  public boolean hasOneUse() {
    return uses.size() == 1;
  }

  public boolean isUnused() {
    return uses.isEmpty();
  }

  void addUse(Operation user) {
    uses.add(user);
  }

  void removeUse(Operation user) {
    uses.remove(user);
  }

  @Override
  public String toString() {
    return "%" + (nameHint.isEmpty() ? "?" : nameHint) + ": " + type.text();
  }
}
