package org.quantcache.passes.fuse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.core.RewriteRule;

/**
 * What follows a linear becomes its epilogue, in the order bias, activation, gate, residual:
 *
 * <pre>{@code
 *   %p = nn.linear(%x, %w, %b)
 *   %g = math.mul(%gate, %p)        becomes   fused.linear(%x, %w, %b, %gate, %r) <epilogue = [bias, gate, residual]>
 *   %s = math.add(%r, %g)
 * }</pre>
 *
 * <p>Does not fire when the linear has a second reader, when the result is larger than the linear's, or when gate or
 * residual broadcast in a way that the kernels do not address (a gate is one row per sample or frame, a residual
 * repeats after a whole number of rows).
 */
final class FuseEpilogue implements RewriteRule {
  private final boolean everything;

  /** @param everything false for activations of a symbolic size only, which the cpu device runs nowhere else */
  FuseEpilogue(boolean everything) {
    this.everything = everything;
  }

  @Override
  public boolean apply(Operation root, Rewriter rewriter) {
    if (!everything && (root.operandCount() != 1 || root.operand(0).type().isConstant())) {
      return false;
    }
    return switch (root.name()) {
      case NnOps.GELU -> extend(root, 0, "gelu", Optional.empty(), rewriter);
      case NnOps.SILU -> extend(root, 0, "silu", Optional.empty(), rewriter);
      case MathOps.MUL -> extendBinary(root, "gate", rewriter);
      case MathOps.ADD -> extendBinary(root, "residual", rewriter);
      default -> false;
    };
  }

  private static boolean extendBinary(Operation root, String part, Rewriter rewriter) {
    return extend(root, 1, part, Optional.of(root.operand(0)), rewriter)
        || extend(root, 0, part, Optional.of(root.operand(1)), rewriter);
  }

  private static boolean extend(
      Operation root, int linearOperand, String part, Optional<Value> other, Rewriter rewriter) {
    Optional<Operation> linear = linear(root.operand(linearOperand));
    if (linear.isEmpty()
        || !root.result().type().equals(root.operand(linearOperand).type())) {
      return false;
    }
    List<String> epilogue = epilogue(linear.get());
    if (!mayFollow(epilogue, part)
        || !other.map(v -> fits(v, part, root.result().type())).orElse(true)) {
      return false;
    }
    Location place = Location.fused(linear.get(), root);
    if (!rewriter.mayRewrite("EpilogueFused", place)) {
      return false;
    }
    epilogue.add(part);
    List<Value> operands = new ArrayList<>(linear.get().operands());
    other.ifPresent(operands::add);
    Value fused = rewriter
        .before(root)
        .create(FusedOps.LINEAR)
        .operands(operands)
        .attribute(
            "epilogue",
            new Attribute.ListAttr(epilogue.stream().map(Attribute::word).toList()))
        .at(place)
        .result();
    rewriter.replace(root, fused);
    rewriter.erase(linear.get());
    rewriter.report("EpilogueFused", place, Attributes.of("part", Attribute.word(part)));
    return true;
  }

  private static Optional<Operation> linear(Value value) {
    Optional<Operation> plain = Match.single(value, NnOps.LINEAR);
    return plain.isPresent() ? plain : Match.single(value, FusedOps.LINEAR);
  }

  private static List<String> epilogue(Operation linear) {
    if (linear.is(FusedOps.LINEAR)) {
      return new ArrayList<>(linear.attributes().strings("epilogue"));
    }
    return new ArrayList<>(linear.operandCount() == 3 ? List.of("bias") : List.of());
  }

  private static boolean mayFollow(List<String> epilogue, String part) {
    boolean activated = epilogue.contains("gelu") || epilogue.contains("silu");
    boolean gated = epilogue.contains("gate");
    boolean added = epilogue.contains("residual");
    return switch (part) {
      case "gelu", "silu" -> !activated && !gated && !added;
      case "gate" -> !activated && !gated && !added;
      default -> !activated && !added;
    };
  }

  private static boolean fits(Value other, String part, TensorType result) {
    return part.equals("gate") ? isGate(other.type(), result) : isResidual(other.type(), result);
  }

  /** {@code [b, 1 or T, 1, C]}: one row for each sample or frame. */
  private static boolean isGate(TensorType gate, TensorType result) {
    return result.rank() == 4
        && gate.rank() == 4
        && gate.dim(2).equals(Dim.of(1))
        && gate.dim(3).equals(result.dim(3));
  }

  /** Sizes are 1 up to some axis, a tile of the batch or whole from there on. */
  private static boolean isResidual(TensorType residual, TensorType result) {
    if (residual.rank() != result.rank()) {
      return false;
    }
    int axis = result.rank() - 1;
    while (axis > 0 && residual.dim(axis).equals(result.dim(axis))) {
      axis--;
    }
    if (axis == 0) {
      return true;
    }
    for (int i = 0; i <= axis; i++) {
      if (!residual.dim(i).equals(Dim.of(1))) {
        return false;
      }
    }
    return axis < result.rank() - 1;
  }
}
