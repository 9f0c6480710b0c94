package org.quantcache.ir.core;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;

/** Definition of one kind of operation: form, type rule, cost. Values of this class live in an {@link OpRegistry}. */
public final class OpDef {
  /** Any number of operands or results. */
  public static final int ANY = Integer.MAX_VALUE;

  /** Facts about an operation that passes rely on. */
  public enum Trait {
    /** No effect beyond its results: may be removed, duplicated, moved. */
    PURE,
    /** Ends a region. */
    TERMINATOR,
    /** Stands at module level and defines a symbol. */
    GLOBAL,
    /** Result is the operand's memory seen with another type; costs nothing. */
    VIEW
  }

  /** Kind of an attribute value. */
  public enum AttributeKind {
    INT,
    FLOAT,
    WORD,
    STRING,
    SYMBOL,
    LIST,
    TYPE,
    STRUCT
  }

  /** One attribute: its kind and whether it must be there. */
  public record AttributeSpec(String name, AttributeKind kind, boolean required, String summary) {}

  /** Computes result types from operands and attributes; checks what must hold. */
  @FunctionalInterface
  public interface TypeRule {
    List<TensorType> infer(Signature signature);
  }

  /** Floating-point operations for given values of the symbols. */
  @FunctionalInterface
  public interface FlopRule {
    long flops(Signature signature, ToLongFunction<String> symbols);
  }

  private final String name;
  private final String summary;
  private final int leastOperands;
  private final int mostOperands;
  private final Map<String, AttributeSpec> attributes;
  private final List<String> regionNames;
  private final Set<Trait> traits;
  private final TypeRule typeRule;
  private final FlopRule flopRule;

  private OpDef(Builder builder) {
    this.name = builder.name;
    this.summary = builder.summary;
    this.leastOperands = builder.leastOperands;
    this.mostOperands = builder.mostOperands;
    this.attributes = ImmutableSortedMap.copyOf(builder.attributes);
    this.regionNames = ImmutableList.copyOf(builder.regionNames);
    this.traits = ImmutableSortedSet.copyOf(builder.traits);
    this.typeRule = builder.typeRule;
    this.flopRule = builder.flopRule;
  }

  /** Starts a definition; {@code summary} is one line of documentation with the formula. */
  public static Builder named(String name, String summary) {
    return new Builder(name, summary);
  }

  public String name() {
    return name;
  }

  public String summary() {
    return summary;
  }

  public int leastOperands() {
    return leastOperands;
  }

  public int mostOperands() {
    return mostOperands;
  }

  /** Attributes in name order. */
  public Map<String, AttributeSpec> attributes() {
    return attributes;
  }

  /** Names of the regions, in order; a single unnamed region has the empty name. */
  public List<String> regionNames() {
    return regionNames;
  }

  public boolean has(Trait trait) {
    return traits.contains(trait);
  }

  public TypeRule typeRule() {
    return typeRule;
  }

  /** Work of {@code operation}, its regions not counted, for given values of the symbols. */
  public Cost cost(Operation operation, ToLongFunction<String> symbols) {
    if (has(Trait.VIEW) || has(Trait.TERMINATOR) || has(Trait.GLOBAL) || !regionNames.isEmpty()) {
      return Cost.ZERO;
    }
    long read = 0;
    for (Value operand : operation.operands()) {
      read = Math.addExact(read, operand.type().bytes(symbols));
    }
    long written = 0;
    for (Value result : operation.results()) {
      written = Math.addExact(written, result.type().bytes(symbols));
    }
    return new Cost(flopRule.flops(operation.signature(), symbols), read, written);
  }

  /** Collects the parts of a definition. */
  public static final class Builder {
    private final String name;
    private final String summary;
    private int leastOperands;
    private int mostOperands;
    private final Map<String, AttributeSpec> attributes = new TreeMap<>();
    private List<String> regionNames = List.of();
    private final Set<Trait> traits = new TreeSet<>();
    private TypeRule typeRule = Signature::declared;
    private FlopRule flopRule = (signature, symbols) -> 0;

    private Builder(String name, String summary) {
      if (!name.matches("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+")) {
        throw new IllegalArgumentException("'" + name + "' is not of the form namespace.verb_noun");
      }
      this.name = name;
      this.summary = summary;
      optional(
          "at", AttributeKind.LIST, "byte offsets of the results in the arena, set by memory-plan");
    }

    public Builder operands(int exactly) {
      return operands(exactly, exactly);
    }

    public Builder operands(int least, int most) {
      leastOperands = least;
      mostOperands = most;
      return this;
    }

    public Builder required(String attribute, AttributeKind kind, String about) {
      attributes.put(attribute, new AttributeSpec(attribute, kind, true, about));
      return this;
    }

    public Builder optional(String attribute, AttributeKind kind, String about) {
      attributes.put(attribute, new AttributeSpec(attribute, kind, false, about));
      return this;
    }

    public Builder regions(String... names) {
      regionNames = Arrays.asList(names);
      return this;
    }

    public Builder traits(Trait... values) {
      traits.addAll(Arrays.asList(values));
      return this;
    }

    public Builder types(TypeRule rule) {
      typeRule = rule;
      return this;
    }

    public Builder flops(FlopRule rule) {
      flopRule = rule;
      return this;
    }

    /** FLOP per element of the first result. */
    public Builder flopsPerElement(long count) {
      return flops((signature, symbols) ->
          Math.multiplyExact(count, signature.declared().get(0).elements().evaluate(symbols)));
    }

    public OpDef build() {
      return new OpDef(this);
    }
  }

  /** Product of sizes for given values of the symbols. */
  public static long product(List<Dim> dims, ToLongFunction<String> symbols) {
    long product = 1;
    for (Dim dim : dims) {
      product = Math.multiplyExact(product, dim.evaluate(symbols));
    }
    return product;
  }
}
