package org.quantcache.tools.export;

import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;

/**
 * Bits of what a product multiplies.
 *
 * @param weight of the weight; 0 for operations that are no product with one
 * @param activation of the other operand
 */
public record ProductBits(int weight, int activation) {
  private static final ProductBits NONE = new ProductBits(0, 0);

  /** Of an operation. */
  public static ProductBits of(Operation op) {
    boolean quantized = QuantOps.isLinear(op);
    if (!quantized && !FusedOps.isLinear(op) && !op.is(NnOps.LINEAR)) {
      return NONE;
    }
    Value weight = op.operand(quantized ? QuantOps.WEIGHT : 1);
    return new ProductBits(
        bits(weight.type().element()), bits(op.operand(0).type().element()));
  }

  private static int bits(ElementType element) {
    return element instanceof QuantType quantized
        ? quantized.rangeBits()
        : 8 * ((ScalarType) element).bytes();
  }
}
