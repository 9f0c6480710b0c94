package org.quantcache.passes.fuse;

import java.util.ArrayList;
import java.util.List;
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
 * Cutting q, k and v out of one product, norming, rotating and attending becomes {@code fused.attention(qkv, ...)}.
 *
 * <p>Does not fire when the three parts do not come in order from one value, or only one of q and k is normed or
 * rotated, or an intermediate value has another reader.
 */
final class FuseAttention implements RewriteRule {
  /** How one of q, k, v is made from the product. */
  private record Part(
      Value product, long start, Optional<Operation> norm, Optional<Operation> rope) {}

  @Override
  public boolean apply(Operation root, Rewriter rewriter) {
    if (!root.is(NnOps.ATTENTION)) {
      return false;
    }
    List<Part> parts = new ArrayList<>();
    for (Value operand : root.operands()) {
      Optional<Part> part = part(operand);
      if (part.isEmpty()) {
        rewriter.reportMissed(
            "AttentionKept", root.location(), "q, k or v is not a part of one product");
        return false;
      }
      parts.add(part.get());
    }
    Location place = root.location();
    if (!agree(root, parts) || !rewriter.mayRewrite("AttentionFused", place)) {
      return false;
    }
    Value fused = fuse(root, parts, rewriter);
    rewriter.replace(root, fused);
    rewriter.report("AttentionFused", place, Attributes.NONE);
    return true;
  }

  private static Optional<Part> part(Value operand) {
    Optional<Operation> rope = Match.single(operand, NnOps.ROPE);
    Value beforeRope = rope.map(op -> op.operand(0)).orElse(operand);
    Optional<Operation> norm = Match.single(beforeRope, NnOps.RMS_NORM);
    Value beforeNorm = norm.map(op -> op.operand(0)).orElse(beforeRope);
    return Match.single(beforeNorm, TensorOps.RESHAPE)
        .flatMap(reshape -> Match.single(reshape.operand(0), TensorOps.SLICE))
        .filter(slice -> slice.attributes().integer("axis") == 3)
        .map(slice -> new Part(slice.operand(0), slice.attributes().integer("start"), norm, rope));
  }

  private static boolean agree(Operation root, List<Part> parts) {
    long width = root.operand(0).type().size(3) * root.operand(0).type().size(4);
    Part q = parts.get(0);
    Part k = parts.get(1);
    Part v = parts.get(2);
    boolean ordered = q.start() == 0 && k.start() == width && v.start() == 2 * width;
    boolean one = q.product() == k.product()
        && q.product() == v.product()
        && q.product().type().rank() == 4
        && q.product().type().dim(3).equals(Dim.of(3 * width));
    boolean alike = q.norm().isPresent() == k.norm().isPresent()
        && q.rope().map(op -> op.operand(1)).equals(k.rope().map(op -> op.operand(1)))
        && v.norm().isEmpty()
        && v.rope().isEmpty();
    boolean sameEpsilon = q.norm().isEmpty()
        || (alike && q.norm().get().attributes().equals(k.norm().orElseThrow().attributes()));
    boolean sameAxis = q.rope().isEmpty()
        || q.rope().get().attributes().integer("axis") == root.attributes().integer("axis");
    return ordered && one && alike && sameEpsilon && sameAxis;
  }

  private static Value fuse(Operation root, List<Part> parts, Rewriter rewriter) {
    Part q = parts.get(0);
    rewriter.before(root).locate(root.location());
    OpSpec spec = rewriter
        .create(FusedOps.ATTENTION)
        .operands(q.product())
        .attribute("axis", root.attributes().get("axis"))
        .attribute("scale", root.attributes().get("scale"))
        .attribute("heads", Attribute.of(root.operand(0).type().size(3)));
    if (q.norm().isPresent()) {
      spec.operands(q.norm().get().operand(1), parts.get(1).norm().orElseThrow().operand(1))
          .attribute("norm", Attribute.of(true))
          .attribute("epsilon", q.norm().get().attributes().get("epsilon"));
    }
    if (q.rope().isPresent()) {
      spec.operands(q.rope().get().operand(1)).attribute("rope", Attribute.of(true));
    }
    return rewriter
        .create(TensorOps.RESHAPE)
        .operands(spec.result())
        .types(root.result().type())
        .result();
  }
}
