package org.quantcache.passes.fuse;

import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.passes.core.RewriteRule;

/**
 * The final layer, the joining of its rows to a video and the step of the sampler become one operation:
 *
 * <pre>{@code
 *   %n = fused.norm_modulate(%x, %shift, %scale)
 *   %o = nn.linear(%n, %w, %b)
 *   %p = tensor.reshape(%o)
 *   %q = tensor.permute(%p)                  becomes   %r = fused.final_step(%x, %shift, %scale, %w, %b, %z, %s, %dt)
 *   %v = tensor.reshape(%q)                                  <epsilon = 1.0E-6, patch = [1, 2, 2]>
 *   %c = tensor.slice(%v)                              (where the latent has no whole patches)
 *   %r = fused.guided_step(%c, %z, %s, %dt)
 * }</pre>
 *
 * <p>Does not fire when the channels of a row are in another order, patches have more than {@link
 * LatentOps#MOST_PATCH_ELEMENTS} elements, or an intermediate value has another reader.
 */
final class FuseFinalStep implements RewriteRule {
  @Override
  public boolean apply(Operation root, Rewriter rewriter) {
    if (!root.is(FusedOps.GUIDED_STEP) || root.result().type().rank() != 5) {
      return false;
    }
    Optional<Value> whole = whole(root.operand(0));
    Optional<Operation> turned = whole
        .flatMap(video -> Match.single(video, TensorOps.RESHAPE))
        .flatMap(joined -> Match.single(joined.operand(0), TensorOps.PERMUTE));
    Optional<Patches> patches = turned.flatMap(op -> Patches.behind(op, whole.get()));
    Optional<Operation> linear = turned
        .flatMap(op -> Match.single(op.operand(0), TensorOps.RESHAPE))
        .flatMap(split -> Match.single(split.operand(0), NnOps.LINEAR))
        .filter(op -> op.operandCount() == 3);
    Optional<Operation> norm =
        linear.flatMap(op -> Match.single(op.operand(0), FusedOps.NORM_MODULATE));
    if (patches.isEmpty()
        || norm.isEmpty()
        || !linear.get().result().type().dims().equals(patches.get().rows())
        || !patches.get().fills(root.result().type())
        || patches.get().elements() > LatentOps.MOST_PATCH_ELEMENTS) {
      return false;
    }
    Location place = Location.fused(norm.get(), linear.get(), root);
    if (!rewriter.mayRewrite("FinalStepFused", place)) {
      return false;
    }
    Value fused = rewriter
        .before(root)
        .create(LatentOps.FINAL_STEP)
        .operands(norm.get().operands())
        .operands(linear.get().operand(1), linear.get().operand(2))
        .operands(root.operand(1), root.operand(2), root.operand(3))
        .attribute("patch", Attribute.longs(patches.get().sizes()))
        .attribute("epsilon", norm.get().attributes().get("epsilon"))
        .at(place)
        .names(root.result().nameHint())
        .result();
    rewriter.replace(root, fused);
    rewriter.report("FinalStepFused", place, Attributes.NONE);
    return true;
  }

  /** The video of whole patches that a prediction is the beginning of. */
  private static Optional<Value> whole(Value prediction) {
    Value video = prediction;
    Optional<Operation> cut = Match.single(video, TensorOps.SLICE);
    while (cut.isPresent()) {
      if (cut.get().attributes().integer("start") != 0
          || cut.get().attributes().integer("axis") < 2) {
        return Optional.empty();
      }
      video = cut.get().operand(0);
      cut = Match.single(video, TensorOps.SLICE);
    }
    return Optional.of(video);
  }
}
