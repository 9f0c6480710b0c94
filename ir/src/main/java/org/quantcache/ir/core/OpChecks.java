package org.quantcache.ir.core;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.OpDef.AttributeKind;
import org.quantcache.ir.core.OpDef.AttributeSpec;
import org.quantcache.ir.types.TensorType;

/** Form checks of one operation: arity, regions, attribute names and kinds. They throw; the parser adds the place. */
public final class OpChecks {
  private OpChecks() {}

  /** Checks a built operation as at its making. @throws IllegalArgumentException with what does not fit */
  public static void form(Operation operation) {
    arity(
        operation.definition(),
        operation.operandCount(),
        operation.regions().size(),
        operation.symbol().orElse(""));
    attributes(operation.definition(), operation.attributes());
  }

  /** Checks that the type rule gives the result types. @throws IllegalArgumentException when it does not */
  public static void types(Operation operation) {
    List<TensorType> found = operation.results().stream().map(Value::type).toList();
    List<TensorType> inferred = infer(operation.definition(), operation.signature());
    if (!inferred.equals(found)) {
      throw new IllegalArgumentException(
          "'" + operation.name() + "' gives " + inferred + ", its results have " + found);
    }
  }

  static void arity(OpDef definition, int operands, int regions, String symbol) {
    if (operands < definition.leastOperands() || operands > definition.mostOperands()) {
      throw new IllegalArgumentException("'" + definition.name() + "' takes " + range(definition)
          + " operands, found " + operands);
    }
    if (regions != definition.regionNames().size()) {
      throw new IllegalArgumentException("'" + definition.name() + "' has "
          + definition.regionNames().size() + " regions, found " + regions);
    }
    if (!symbol.isEmpty()) {
      requireSymbol(symbol);
    }
    if (definition.has(OpDef.Trait.GLOBAL) == symbol.isEmpty()) {
      throw new IllegalArgumentException("'" + definition.name() + "' "
          + (symbol.isEmpty()
              ? "defines a symbol, found none"
              : "defines no symbol, found @" + symbol));
    }
  }

  /** Names of modules, functions and symbol definitions. */
  static void requireSymbol(String symbol) {
    if (!symbol.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
      throw new IllegalArgumentException("'" + symbol + "' is no symbol name");
    }
  }

  /**
   * Result types by the type rule, which must equal the declared ones where there are any.
   *
   * @throws Signature.TypeProblem with the reason, whatever way the rule has found to fail
   */
  static List<TensorType> infer(OpDef definition, Signature signature) {
    List<TensorType> results;
    try {
      results = definition.typeRule().infer(signature);
    } catch (Signature.TypeProblem e) {
      throw e;
    } catch (ArithmeticException
        | IllegalArgumentException
        | IllegalStateException
        | IndexOutOfBoundsException
        | NoSuchElementException e) {
      throw new Signature.TypeProblem("'" + definition.name() + "': " + e.getMessage());
    }
    if (!signature.declared().isEmpty() && !signature.declared().equals(results)) {
      throw new Signature.TypeProblem("'" + definition.name() + "' has results " + results
          + ", declared as " + signature.declared());
    }
    return results;
  }

  static void attributes(OpDef definition, Attributes attributes) {
    for (Map.Entry<String, Attribute> entry : attributes.values().entrySet()) {
      AttributeSpec spec = definition.attributes().get(entry.getKey());
      if (spec == null) {
        throw new IllegalArgumentException("'" + definition.name() + "' has no attribute '"
            + entry.getKey() + "'; known: " + definition.attributes().keySet());
      }
      if (!fits(spec.kind(), entry.getValue())) {
        throw new IllegalArgumentException(
            "attribute '" + entry.getKey() + "' of '" + definition.name() + "' is of kind "
                + spec.kind() + ", found " + entry.getValue().text());
      }
    }
    for (AttributeSpec spec : definition.attributes().values()) {
      if (spec.required() && !attributes.has(spec.name())) {
        throw new IllegalArgumentException("'" + definition.name() + "' needs attribute '"
            + spec.name() + "' (" + spec.summary() + ")");
      }
    }
  }

  private static String range(OpDef definition) {
    if (definition.leastOperands() == definition.mostOperands()) {
      return Integer.toString(definition.leastOperands());
    }
    String most =
        definition.mostOperands() == OpDef.ANY ? "any number of" : "" + definition.mostOperands();
    return definition.leastOperands() + ".." + most;
  }

  private static boolean fits(AttributeKind kind, Attribute value) {
    return switch (kind) {
      case INT -> value instanceof Attribute.IntAttr;
      case FLOAT -> value instanceof Attribute.FloatAttr || value instanceof Attribute.IntAttr;
      case WORD -> value instanceof Attribute.WordAttr;
      case STRING -> value instanceof Attribute.StringAttr;
      case SYMBOL -> value instanceof Attribute.SymbolAttr;
      case LIST -> value instanceof Attribute.ListAttr;
      case TYPE -> value instanceof Attribute.TypeAttr;
      case STRUCT -> value instanceof Attribute.StructAttr;
    };
  }
}
