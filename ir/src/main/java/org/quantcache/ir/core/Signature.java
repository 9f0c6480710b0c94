package org.quantcache.ir.core;

import java.util.List;
import java.util.Locale;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.TensorType;

/**
 * What a type rule may look at.
 *
 * @param name of the operation
 * @param operands types of the operands
 * @param attributes of the operation
 * @param declared result types as written; empty when the results are to be inferred
 */
public record Signature(
    String name, List<TensorType> operands, Attributes attributes, List<TensorType> declared) {

  public TensorType operand(int index) {
    return operands.get(index);
  }

  /** The only declared result type. @throws TypeProblem when it was not declared */
  public TensorType declaredResult() {
    require(declared.size() == 1, "needs its result type stated, found %d types", declared.size());
    return declared.get(0);
  }

  /** @throws TypeProblem with the message unless {@code condition} holds */
  public void require(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw new TypeProblem("'" + name + "' " + String.format(Locale.ROOT, format, arguments));
    }
  }

  /** Types, sizes or attributes that do not fit; becomes a diagnostic with the place of the operation. */
  public static final class TypeProblem extends IllegalArgumentException {
    TypeProblem(String message) {
      super(message);
    }
  }
}
