package org.quantcache.passes.fuse;

import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder.OpSpec;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.passes.core.RewriteRule;

/**
 * Queries seen as heads, keys and values cut out of one product: becomes {@code fused.cross_attention(q, kv, ...)}.
 *
 * <p>Does not fire when keys and values are not the two halves of one value.
 */
final class FuseCrossAttention implements RewriteRule {
  @Override
  public boolean apply(Operation root, Rewriter rewriter) {
    if (!root.is(NnOps.CROSS_ATTENTION)) {
      return false;
    }
    long width = root.operand(0).type().size(3) * root.operand(0).type().size(4);
    Optional<Operation> queries = Match.definition(root.operand(0), TensorOps.RESHAPE)
        .filter(op ->
            op.operand(0).type().rank() == 4 && op.operand(0).type().dim(3).equals(Dim.of(width)));
    Optional<Operation> keys = half(root.operand(1), 0);
    Optional<Operation> values = half(root.operand(2), width);
    if (queries.isEmpty()
        || keys.isEmpty()
        || values.isEmpty()
        || keys.get().operand(0) != values.get().operand(0)
        || !keys.get().operand(0).type().dim(2).equals(Dim.of(2 * width))) {
      rewriter.reportMissed(
          "CrossAttentionKept", root.location(), "keys and values are not halves of one product");
      return false;
    }
    Location place = root.location();
    if (!rewriter.mayRewrite("CrossAttentionFused", place)) {
      return false;
    }
    rewriter.before(root).locate(place);
    OpSpec spec = rewriter
        .create(FusedOps.CROSS_ATTENTION)
        .operands(queries.get().operand(0), keys.get().operand(0))
        .attribute("scale", root.attributes().get("scale"))
        .attribute("heads", Attribute.of(root.operand(0).type().size(3)));
    if (root.operandCount() == 4) {
      spec.operands(root.operand(3));
    }
    Value out = rewriter
        .create(TensorOps.RESHAPE)
        .operands(spec.result())
        .types(root.result().type())
        .result();
    rewriter.replace(root, out);
    rewriter.report("CrossAttentionFused", place, Attributes.NONE);
    return true;
  }

  private static Optional<Operation> half(Value operand, long start) {
    return Match.definition(operand, TensorOps.RESHAPE)
        .flatMap(reshape -> Match.definition(reshape.operand(0), TensorOps.SLICE))
        .filter(slice -> slice.attributes().integer("axis") == 2
            && slice.attributes().integer("start") == start);
  }
}
