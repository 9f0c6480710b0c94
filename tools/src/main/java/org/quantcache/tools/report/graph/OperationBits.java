package org.quantcache.tools.report.graph;

import org.quantcache.ir.core.Operation;
import org.quantcache.tools.inspect.ProductBits;

/** Bits of what an operation works on, as text. */
final class OperationBits {
  private OperationBits() {}

  /**
   * {@code W4 A8} of a product with a weight, and the bits of an element of the result of everything else; empty without
   * a result.
   */
  static String text(Operation operation) {
    ProductBits bits = ProductBits.of(operation);
    if (bits.weight() > 0) {
      return "W" + bits.weight() + " A" + bits.activation();
    }
    return operation.results().isEmpty()
        ? ""
        : Integer.toString(operation.results().get(0).type().element().valueBits());
  }
}
