package org.quantcache.passes.hlc;

import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.passes.stack.Stretch;

/**
 * What a stretch reads: the input of its first product, modulated where the model does that, before it is rounded. It
 * changes with the latent and with the time step, and is there before any work of the stretch.
 *
 * <pre>{@code
 *                                             %m = fused.norm_modulate(%x, %shift, %scale)
 *                                             cache.probe(%m, %p) <guard = "stack">
 *   %m = fused.norm_modulate(%x, ..)          %y = cache.guard(%step, %x, %s) <name = "stack", ..> {
 *   %q = nn.linear(%m, %w)                      %q = nn.linear(%m, %w)
 * }</pre>
 *
 * A norm that was absorbed where its result is rounded is computed once more; absorbed, it gives no floats to compare.
 */
final class ReadInput {
  private ReadInput() {}

  /** Lets the guard that is to stand around a stretch learn how far what it reads has moved. */
  static void probe(Operation loop, Stretch stretch, Rewriter rewriter) {
    Operation product = stretch.addends().get(0).products().get(0);
    Value input = input(product, rewriter);
    Value previous = GuardedRegion.slot(loop, stretch.name(), "_probed", input, rewriter);
    rewriter
        .before(product)
        .create(CacheOps.PROBE)
        .operands(input, previous)
        .attribute("guard", Attribute.string(stretch.name()))
        .at(product.location())
        .build();
  }

  private static Value input(Operation product, Rewriter rewriter) {
    if (!product.is(QuantOps.LINEAR)) {
      return product.operand(0);
    }
    Operation rows = product.operand(0).definingOperation().orElseThrow();
    int ofNorm = QuantOps.prologueOperands(rows.attributes());
    if (ofNorm == 0) {
      return rows.operand(0);
    }
    return rewriter
        .before(rows)
        .create(FusedOps.NORM_MODULATE)
        .operands(rows.operands().subList(0, 1 + ofNorm))
        .attribute("epsilon", rows.attributes().get("epsilon"))
        .at(rows.location())
        .names("modulated")
        .result();
  }
}
