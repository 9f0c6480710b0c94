package org.quantcache.ir.core;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * A compilation unit: attributes, symbol definitions ({@code weight.def}, later cache slots) and functions. Attribute
 * {@code dims} holds the bounds of symbolic sizes: {@code [#dim<bound = 300, name = L>]}.
 */
public final class IrModule {
  private final String name;
  private Attributes attributes;
  private final Map<String, Operation> globals = new LinkedHashMap<>();
  private final List<Function> functions = new ArrayList<>();

  public IrModule(String name, Attributes attributes) {
    OpChecks.requireSymbol(name);
    this.name = name;
    this.attributes = attributes;
  }

  public String name() {
    return name;
  }

  public Attributes attributes() {
    return attributes;
  }

  public void setAttributes(Attributes other) {
    attributes = other;
  }

  /** Symbol definitions in order. */
  public List<Operation> globals() {
    return ImmutableList.copyOf(globals.values());
  }

  public Optional<Operation> findGlobal(String symbol) {
    return Optional.ofNullable(globals.get(symbol));
  }

  public List<Function> functions() {
    return ImmutableList.copyOf(functions);
  }

  public Optional<Function> findFunction(String functionName) {
    return functions.stream().filter(f -> f.name().equals(functionName)).findFirst();
  }

  /** @throws IllegalStateException when there is none of this name */
  public Function function(String functionName) {
    return findFunction(functionName)
        .orElseThrow(() ->
            new IllegalStateException("module @" + name + " has no function @" + functionName));
  }

  /** Upper bounds of the symbolic sizes, in name order of the attribute list. */
  public Map<String, Long> dimensionBounds() {
    Map<String, Long> bounds = new LinkedHashMap<>();
    if (attributes.has("dims")) {
      for (Attribute entry : ((Attribute.ListAttr) attributes.get("dims")).values()) {
        Attributes fields = ((Attribute.StructAttr) entry).fields();
        bounds.put(fields.word("name"), fields.integer("bound"));
      }
    }
    return bounds;
  }

  /** Upper bound of one symbolic size. @throws IllegalStateException when it has none */
  public long bound(String dimension) {
    Long bound = dimensionBounds().get(dimension);
    if (bound == null) {
      throw new IllegalStateException(
          "module @" + name + " gives no bound for '" + dimension + "'");
    }
    return bound;
  }

  /** Visits every operation of every function. */
  public void walk(Consumer<Operation> visitor) {
    for (Function function : functions) {
      function.body().walk(visitor);
    }
  }

  void addGlobal(Operation operation) {
    String symbol = operation.symbol().orElseThrow();
    if (globals.putIfAbsent(symbol, operation) != null) {
      throw new IllegalArgumentException("symbol @" + symbol + " is defined twice");
    }
  }

  void removeGlobal(Operation operation) {
    globals.remove(operation.symbol().orElseThrow());
  }

  void removeFunction(Function function) {
    functions.remove(function);
  }

  void addFunction(Function function) {
    if (findFunction(function.name()).isPresent()) {
      throw new IllegalArgumentException("function @" + function.name() + " is defined twice");
    }
    functions.add(function);
  }
}
