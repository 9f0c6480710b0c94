package org.quantcache.passes.fuse;

import java.util.Optional;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.passes.core.RewriteRule;

/**
 * {@code z + (u + s * (c - u)) * dt}, c and u the halves of the prediction, becomes {@code fused.guided_step(v, z, s,
 * dt)}.
 *
 * <p>Does not fire when c and u are not the first and second half of one value.
 */
final class FuseGuidedStep implements RewriteRule {
  @Override
  public boolean apply(Operation root, Rewriter rewriter) {
    Optional<Operation> scaled =
        root.is(MathOps.ADD) ? Match.single(root.operand(1), MathOps.MUL) : Optional.empty();
    Optional<Operation> guided = scaled.flatMap(op -> Match.single(op.operand(0), MathOps.ADD));
    Optional<Operation> step =
        scaled.flatMap(op -> Match.definition(op.operand(1), TensorOps.RESHAPE));
    Optional<Operation> weighted = guided.flatMap(op -> Match.single(op.operand(1), MathOps.MUL));
    Optional<Operation> scale =
        weighted.flatMap(op -> Match.definition(op.operand(0), TensorOps.RESHAPE));
    Optional<Operation> difference =
        weighted.flatMap(op -> Match.single(op.operand(1), MathOps.SUB));
    if (step.isEmpty()
        || scale.isEmpty()
        || difference.isEmpty()
        || difference.get().operand(1) != guided.get().operand(0)) {
      return false;
    }
    Value z = root.operand(0);
    Optional<Operation> conditional = half(difference.get().operand(0), 0);
    Optional<Operation> unconditional = half(guided.get().operand(0), z.type().size(0));
    if (conditional.isEmpty()
        || unconditional.isEmpty()
        || conditional.get().operand(0) != unconditional.get().operand(0)
        || step.get().operand(0).type().rank() != 1
        || scale.get().operand(0).type().rank() != 1
        || !conditional.get().result().type().equals(z.type())) {
      return false;
    }
    Location place = Location.fused(guided.get(), root);
    if (!rewriter.mayRewrite("GuidedStepFused", place)) {
      return false;
    }
    Value fused = rewriter
        .before(root)
        .create(FusedOps.GUIDED_STEP)
        .operands(
            conditional.get().operand(0), z, scale.get().operand(0), step.get().operand(0))
        .at(place)
        .result();
    rewriter.replace(root, fused);
    rewriter.report("GuidedStepFused", place, Attributes.NONE);
    return true;
  }

  private static Optional<Operation> half(Value value, long start) {
    return Match.definition(value, TensorOps.SLICE)
        .filter(op -> op.attributes().integer("axis") == 0
            && op.attributes().integer("start") == start
            && op.operand(0).type().size(0) == 2 * value.type().size(0));
  }
}
