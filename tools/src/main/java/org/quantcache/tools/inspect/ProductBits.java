package org.quantcache.tools.inspect;

import java.util.Optional;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.QuantOps;

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
    return weight(op)
        .map(weight -> new ProductBits(bits(weight), bits(op.operand(0))))
        .orElse(NONE);
  }

  /** The matrix of a product with a weight. */
  public static Optional<Value> weight(Operation op) {
    if (QuantOps.isLinear(op)) {
      return Optional.of(op.operand(QuantOps.WEIGHT));
    }
    return FusedOps.isLinear(op) || op.is(NnOps.LINEAR)
        ? Optional.of(op.operand(1))
        : Optional.empty();
  }

  private static int bits(Value value) {
    return value.type().element().valueBits();
  }
}
