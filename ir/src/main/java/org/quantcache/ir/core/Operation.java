package org.quantcache.ir.core;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.TensorType;

/**
 * One node of the graph: what it does ({@link OpDef}), what it reads, what it gives, its attributes and its regions.
 * Read-only to the world; {@link OpBuilder} makes operations and {@link Rewriter} changes them.
 */
public final class Operation {
  private final OpDef definition;
  private final String symbol;
  private final List<Value> operands;
  private final List<Value> results;
  private final List<Region> regions;
  private Attributes attributes;
  private Location location;
  private Region parent;
  Operation previous;
  Operation next;

  Operation(
      OpDef definition,
      String symbol,
      List<Value> operands,
      List<TensorType> resultTypes,
      List<String> resultNames,
      Attributes attributes,
      List<Region> regions,
      Location location) {
    this.definition = definition;
    this.symbol = symbol;
    this.operands = new ArrayList<>(operands);
    this.attributes = attributes;
    this.location = location;
    this.regions = ImmutableList.copyOf(regions);
    List<Value> made = new ArrayList<>();
    for (int i = 0; i < resultTypes.size(); i++) {
      String hint = i < resultNames.size() ? resultNames.get(i) : "";
      made.add(new Value(resultTypes.get(i), hint, this, null, i));
    }
    this.results = ImmutableList.copyOf(made);
    for (Value operand : operands) {
      operand.addUse(this);
    }
    for (Region region : this.regions) {
      region.setOwner(this);
    }
  }

  public OpDef definition() {
    return definition;
  }

  /** {@code namespace.verb_noun}. */
  public String name() {
    return definition.name();
  }

  public boolean is(String name) {
    return definition.name().equals(name);
  }

  /** The symbol that this operation defines, without {@code @}; empty for most. */
  public Optional<String> symbol() {
    return symbol.isEmpty() ? Optional.empty() : Optional.of(symbol);
  }

  public List<Value> operands() {
    return ImmutableList.copyOf(operands);
  }

  public Value operand(int index) {
    return operands.get(index);
  }

  public int operandCount() {
    return operands.size();
  }

  public List<Value> results() {
    return results;
  }

  /** The only result. @throws IllegalStateException when there is not exactly one */
  public Value result() {
    if (results.size() != 1) {
      throw new IllegalStateException("'" + name() + "' has " + results.size() + " results");
    }
    return results.get(0);
  }

  public Attributes attributes() {
    return attributes;
  }

  public List<Region> regions() {
    return regions;
  }

  public Region region(String regionName) {
    return regions.stream()
        .filter(r -> r.name().equals(regionName))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("'" + name() + "' has no region '" + regionName + "'"));
  }

  public Location location() {
    return location;
  }

  /** The region it stands in; null for an operation at module level. */
  public Region parent() {
    return parent;
  }

  /** Shapes and attributes as the type rule sees them. */
  public Signature signature() {
    return new Signature(
        name(),
        operands.stream().map(Value::type).toList(),
        attributes,
        results.stream().map(Value::type).toList());
  }

  void setParent(Region region) {
    parent = region;
  }

  void setOperand(int index, Value value) {
    operands.get(index).removeUse(this);
    operands.set(index, value);
    value.addUse(this);
  }

  void setAttributes(Attributes other) {
    attributes = other;
  }

  void setLocation(Location other) {
    location = other;
  }

  void dropOperands() {
    for (Value operand : operands) {
      operand.removeUse(this);
    }
    operands.clear();
  }

  @Override
  public String toString() {
    return name() + " at " + location.text();
  }
}
