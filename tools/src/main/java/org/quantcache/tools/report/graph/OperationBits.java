package org.quantcache.tools.report.graph;

import java.util.Optional;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;

/** Bits of what an operation works on. */
public final class OperationBits {
  private OperationBits() {}

  /**
   * {@code W4 A8} of a product with a weight, and the bits of an element of the result of everything else; empty without
   * a result.
   */
  static String text(Operation operation) {
    Optional<Value> weight = weight(operation);
    if (weight.isPresent()) {
      return "W" + bits(weight.get()) + " A" + bits(operation.operand(0));
    }
    return operation.results().isEmpty()
        ? ""
        : Integer.toString(bits(operation.results().get(0)));
  }

  /** The matrix of a product with a weight. */
  public static Optional<Value> weight(Operation operation) {
    if (QuantOps.isLinear(operation)) {
      return Optional.of(operation.operand(QuantOps.WEIGHT));
    }
    boolean product = operation.name().endsWith(".linear") && operation.operandCount() > 1;
    return product
        ? Optional.of(operation.operand(1)).filter(OperationBits::isStored)
        : Optional.empty();
  }

  private static boolean isStored(Value value) {
    return value
        .definingOperation()
        .filter(source -> source.is(StructureOps.WEIGHT_GET))
        .isPresent();
  }

  /** Bits that one element's value takes. */
  public static int bits(Value value) {
    ElementType element = value.type().element();
    return element instanceof QuantType quantized
        ? quantized.rangeBits()
        : 8 * ((ScalarType) element).bytes();
  }
}
