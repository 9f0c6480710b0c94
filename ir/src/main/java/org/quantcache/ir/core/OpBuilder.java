package org.quantcache.ir.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.TensorType;

/**
 * Makes operations at an insertion point. Arity, attribute kinds and types are checked on the spot (verifier layer 1):
 * {@link OpSpec#build()} throws {@link IllegalArgumentException} with what was found and what was expected.
 */
public class OpBuilder {
  private final IrModule module;
  private final OpRegistry registry;
  private Region region;
  private Operation anchor;
  private Location location = Location.UNKNOWN;

  public OpBuilder(IrModule module, OpRegistry registry) {
    this.module = module;
    this.registry = registry;
  }

  public IrModule module() {
    return module;
  }

  public OpRegistry registry() {
    return registry;
  }

  /** New operations go to the end of {@code target}. */
  public OpBuilder atEnd(Region target) {
    region = target;
    anchor = null;
    return this;
  }

  /** New operations go right before {@code target}. */
  public OpBuilder before(Operation target) {
    region = target.parent();
    anchor = target;
    return this;
  }

  /** New operations go right after {@code target}. */
  public OpBuilder after(Operation target) {
    region = target.parent();
    anchor = target.next;
    return this;
  }

  /** Location of the operations that follow. */
  public OpBuilder locate(Location next) {
    location = next;
    return this;
  }

  public Location location() {
    return location;
  }

  /** Starts an operation of a registered kind. */
  public OpSpec create(String name) {
    return new OpSpec(registry.get(name));
  }

  /** Adds a function with named parameters and moves the insertion point into its body. */
  public Function function(
      String name,
      List<String> parameterNames,
      List<TensorType> parameterTypes,
      Attributes attributes) {
    Function function = new Function(name, List.of(), attributes, location);
    for (int i = 0; i < parameterTypes.size(); i++) {
      function.body().addArgument(parameterTypes.get(i), parameterNames.get(i));
    }
    module.addFunction(function);
    atEnd(function.body());
    return function;
  }

  /** Sets the declared result types (and attributes) of a function once its body is known. */
  public void complete(Function function, List<TensorType> resultTypes, Attributes attributes) {
    function.setResultTypes(resultTypes);
    function.setAttributes(attributes);
  }

  /** Parts of the operation to be built. */
  public final class OpSpec {
    private final OpDef definition;
    private final List<Value> operands = new ArrayList<>();
    private final List<Region> regions = new ArrayList<>();
    private List<TensorType> types = List.of();
    private List<String> names = List.of();
    private Attributes attributes = Attributes.NONE;
    private String symbol = "";
    private Location at = location;

    private OpSpec(OpDef definition) {
      this.definition = definition;
    }

    public OpSpec operands(Value... values) {
      operands.addAll(List.of(values));
      return this;
    }

    public OpSpec operands(List<Value> values) {
      operands.addAll(values);
      return this;
    }

    public OpSpec attribute(String name, Attribute value) {
      attributes = attributes.with(name, value);
      return this;
    }

    public OpSpec attributes(Attributes all) {
      attributes = all;
      return this;
    }

    /** States the result types; where the rule can infer them this is a check. */
    public OpSpec types(TensorType... declared) {
      types = List.of(declared);
      return this;
    }

    public OpSpec types(List<TensorType> declared) {
      types = List.copyOf(declared);
      return this;
    }

    public OpSpec names(String... hints) {
      names = List.of(hints);
      return this;
    }

    public OpSpec names(List<String> hints) {
      names = List.copyOf(hints);
      return this;
    }

    public OpSpec symbol(String defined) {
      symbol = defined;
      return this;
    }

    public OpSpec at(Location where) {
      at = where;
      return this;
    }

    /** Adds the next region; {@code fill} gets a builder inside it and the region with its arguments. */
    public OpSpec region(List<TensorType> arguments, List<String> hints, RegionBody fill) {
      if (regions.size() == definition.regionNames().size()) {
        throw new IllegalArgumentException(
            "'" + definition.name() + "' has " + regions.size() + " regions, found more");
      }
      Region made = new Region(definition.regionNames().get(regions.size()));
      List<Value> values = new ArrayList<>();
      for (int i = 0; i < arguments.size(); i++) {
        values.add(made.addArgument(arguments.get(i), hints.get(i)));
      }
      OpBuilder inner = new OpBuilder(module, registry).atEnd(made).locate(at);
      fill.accept(inner, values);
      regions.add(made);
      return this;
    }

    /** Builds and inserts it. */
    public Operation build() {
      OpChecks.arity(definition, operands.size(), regions.size(), symbol);
      OpChecks.attributes(definition, attributes);
      Signature signature = new Signature(
          definition.name(), operands.stream().map(Value::type).toList(), attributes, types);
      List<TensorType> results = OpChecks.infer(definition, signature);
      Operation operation =
          new Operation(definition, symbol, operands, results, names, attributes, regions, at);
      if (definition.has(OpDef.Trait.GLOBAL)) {
        module.addGlobal(operation);
      } else {
        region.insert(operation, anchor);
        inserted(operation);
      }
      return operation;
    }

    /** Builds it and returns its only result. */
    public Value result() {
      return build().result();
    }
  }

  /** Fills a region. */
  @FunctionalInterface
  public interface RegionBody {
    void accept(OpBuilder inner, List<Value> arguments);
  }

  /** Hook for the rewriter. */
  void inserted(Operation operation) {}

  /** Runs {@code body} with another location and restores the old one. */
  public void located(Location other, Consumer<OpBuilder> body) {
    Location saved = location;
    location = other;
    body.accept(this);
    location = saved;
  }
}
