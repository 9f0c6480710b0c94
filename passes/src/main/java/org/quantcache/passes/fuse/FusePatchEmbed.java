package org.quantcache.passes.fuse;

import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.core.RewriteRule;

/**
 * Cutting a latent into patches, their product and the table of positions become one operation:
 *
 * <pre>{@code
 *   %a = tensor.pad(%z)                                          (where the latent has no whole patches)
 *   %b = tensor.reshape(%a)
 *   %c = tensor.permute(%b)                            becomes   %x = fused.patch_embed(%z, %w, %b, %positions)
 *   %d = tensor.reshape(%c)                                            <patch = [1, 2, 2]>
 *   %x = fused.linear(%d, %w, %b, %positions) <epilogue = [bias, residual]>
 * }</pre>
 *
 * <p>Does not fire when the positions differ from frame to frame or sample to sample, patches have more than {@link
 * LatentOps#MOST_PATCH_ELEMENTS} elements, or an intermediate value has another reader.
 */
final class FusePatchEmbed implements RewriteRule {
  @Override
  public boolean apply(Operation root, Rewriter rewriter) {
    if (!root.is(FusedOps.LINEAR)
        || !root.attributes().strings("epilogue").equals(List.of("bias", "residual"))) {
      return false;
    }
    Optional<Patches> patches = Match.single(root.operand(0), TensorOps.RESHAPE)
        .flatMap(rows -> Match.single(rows.operand(0), TensorOps.PERMUTE))
        .flatMap(turned -> Patches.before(turned, Patches.CUT));
    if (patches.isEmpty()) {
      return false;
    }
    Value latent = uncut(patches.get());
    TensorType tokens = root.result().type();
    TensorType positions = root.operand(3).type();
    if (latent.type().rank() != 5
        || !root.operand(0).type().dims().equals(patches.get().rows())
        || patches.get().elements() > LatentOps.MOST_PATCH_ELEMENTS
        || !positions.dims().equals(List.of(Dim.of(1), Dim.of(1), tokens.dim(2), tokens.dim(3)))) {
      return false;
    }
    Location place = root.location();
    if (!rewriter.mayRewrite("PatchEmbedFused", place)) {
      return false;
    }
    Value fused = rewriter
        .before(root)
        .create(LatentOps.PATCH_EMBED)
        .operands(latent, root.operand(1), root.operand(2), root.operand(3))
        .attribute("patch", Attribute.longs(patches.get().sizes()))
        .types(tokens)
        .at(place)
        .names(root.result().nameHint())
        .result();
    rewriter.replace(root, fused);
    rewriter.report("PatchEmbedFused", place, Attributes.NONE);
    return true;
  }

  /** The latent without the zeros that make its patches whole. */
  private static Value uncut(Patches patches) {
    Optional<Operation> pad = Match.single(patches.video(), TensorOps.PAD)
        .filter(op -> op.operand(0).type().rank() == 5);
    if (pad.isEmpty()) {
      return patches.video();
    }
    List<Long> after = pad.get().attributes().longs("after");
    Value latent = pad.get().operand(0);
    boolean inside = after.get(0) == 0 && after.get(1) == 0 && latent.type().isConstant();
    return inside && patches.fills(latent.type()) ? latent : patches.video();
  }
}
