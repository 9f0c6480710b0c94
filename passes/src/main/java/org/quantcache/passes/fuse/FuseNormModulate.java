package org.quantcache.passes.fuse;

import java.util.Optional;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.passes.core.RewriteRule;

/**
 * {@code modulate(layer_norm(x), shift, scale)} becomes {@code fused.norm_modulate(x, shift, scale)}.
 *
 * <p>Does not fire when the norm has a second reader, or shift or scale make the result larger than x.
 */
final class FuseNormModulate implements RewriteRule {
  @Override
  public boolean apply(Operation root, Rewriter rewriter) {
    Optional<Operation> norm = root.is(NnOps.MODULATE)
        ? Match.single(root.operand(0), NnOps.LAYER_NORM)
        : Optional.empty();
    if (norm.isEmpty() || !root.result().type().equals(norm.get().result().type())) {
      return false;
    }
    Location place = Location.fused(norm.get(), root);
    if (!rewriter.mayRewrite("NormModulateFused", place)) {
      return false;
    }
    Value fused = rewriter
        .before(root)
        .create(FusedOps.NORM_MODULATE)
        .operands(norm.get().operand(0), root.operand(1), root.operand(2))
        .attribute("epsilon", norm.get().attributes().get("epsilon"))
        .at(place)
        .result();
    rewriter.replace(root, fused);
    rewriter.erase(norm.get());
    rewriter.report("NormModulateFused", place, Attributes.NONE);
    return true;
  }
}
