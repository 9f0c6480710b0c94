package org.quantcache.passes.fold;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.core.RewriteRule;
import org.quantcache.passes.core.WeightDefinitions;

/** Rules that make any graph simpler and never dearer. All are exact. */
public final class Canonical {
  private Canonical() {}

  /** The rules in the order in which they are tried. */
  public static List<RewriteRule> rules() {
    return List.of(
        Canonical::dropIdentity,
        Canonical::mergeReshapes,
        Canonical::mergePermutes,
        Canonical::mergeRepeats,
        Canonical::foldIntoWeight,
        Canonical::foldIntoConstant,
        Canonical::chooseByConstant,
        Canonical::repeatInsteadOfConcat);
  }

  private static Optional<Operation> definition(Value value, String name) {
    return value.definingOperation().filter(op -> op.is(name));
  }

  /** {@code cast, reshape, slice, permute, repeat, concat} that change nothing give their operand. */
  private static boolean dropIdentity(Operation op, Rewriter rewriter) {
    boolean candidate = switch (op.name()) {
      case TensorOps.CAST, TensorOps.RESHAPE, TensorOps.SLICE, TensorOps.PAD -> true;
      case TensorOps.REPEAT -> op.attributes().integer("times") == 1;
      case TensorOps.CONCAT -> op.operandCount() == 1;
      case TensorOps.PERMUTE -> isSorted(op.attributes().longs("order"));
      default -> false;
    };
    if (!candidate || !op.result().type().equals(op.operand(0).type())) {
      return false;
    }
    return replace(op, () -> op.operand(0), "IdentityDropped", rewriter);
  }

  private static boolean isSorted(List<Long> order) {
    for (int i = 0; i < order.size(); i++) {
      if (order.get(i) != i) {
        return false;
      }
    }
    return true;
  }

  /** {@code reshape(reshape(x))} is one reshape. */
  private static boolean mergeReshapes(Operation op, Rewriter rewriter) {
    Optional<Operation> inner =
        op.is(TensorOps.RESHAPE) ? definition(op.operand(0), TensorOps.RESHAPE) : Optional.empty();
    if (inner.isEmpty()) {
      return false;
    }
    return replace(
        op,
        () -> rewriter
            .before(op)
            .create(TensorOps.RESHAPE)
            .operands(inner.get().operand(0))
            .types(op.result().type())
            .at(op.location())
            .result(),
        "ReshapesMerged",
        rewriter);
  }

  /** {@code permute(permute(x))} is one permute. */
  private static boolean mergePermutes(Operation op, Rewriter rewriter) {
    Optional<Operation> inner =
        op.is(TensorOps.PERMUTE) ? definition(op.operand(0), TensorOps.PERMUTE) : Optional.empty();
    if (inner.isEmpty()) {
      return false;
    }
    List<Long> first = inner.get().attributes().longs("order");
    List<Long> order = new ArrayList<>();
    op.attributes().longs("order").forEach(axis -> order.add(first.get(axis.intValue())));
    return replace(
        op,
        () -> rewriter
            .before(op)
            .create(TensorOps.PERMUTE)
            .operands(inner.get().operand(0))
            .attribute("order", Attribute.longs(order))
            .at(op.location())
            .result(),
        "PermutesMerged",
        rewriter);
  }

  /** {@code repeat(repeat(x))} is one repeat. */
  private static boolean mergeRepeats(Operation op, Rewriter rewriter) {
    Optional<Operation> inner =
        op.is(TensorOps.REPEAT) ? definition(op.operand(0), TensorOps.REPEAT) : Optional.empty();
    if (inner.isEmpty()) {
      return false;
    }
    long times = op.attributes().integer("times") * inner.get().attributes().integer("times");
    return replace(
        op,
        () -> rewriter
            .before(op)
            .create(TensorOps.REPEAT)
            .operands(inner.get().operand(0))
            .attribute("times", Attribute.of(times))
            .at(op.location())
            .result(),
        "RepeatsMerged",
        rewriter);
  }

  /** {@code cast(weight.get)} and {@code reshape(weight.get)} become a weight of that type. */
  private static boolean foldIntoWeight(Operation op, Rewriter rewriter) {
    if (!op.is(TensorOps.CAST) && !op.is(TensorOps.RESHAPE)) {
      return false;
    }
    Optional<Operation> get = definition(op.operand(0), StructureOps.WEIGHT_GET);
    if (get.isEmpty() || !op.result().type().isConstant()) {
      return false;
    }
    return replace(
        op,
        () -> WeightDefinitions.retyped(get.get(), op.result().type(), rewriter),
        "FoldedIntoWeight",
        rewriter);
  }

  /** A filled constant under another type or size is a filled constant. */
  private static boolean foldIntoConstant(Operation op, Rewriter rewriter) {
    boolean candidate = op.is(TensorOps.CAST)
        || op.is(TensorOps.RESHAPE)
        || op.is(TensorOps.REPEAT)
        || op.is(TensorOps.PERMUTE);
    Optional<Operation> constant =
        candidate ? definition(op.operand(0), StructureOps.CONSTANT) : Optional.empty();
    if (constant.isEmpty()) {
      return false;
    }
    return replace(
        op,
        () -> rewriter
            .before(op)
            .create(StructureOps.CONSTANT)
            .attributes(Attributes.of("value", constant.get().attributes().get("value")))
            .types(op.result().type())
            .at(op.location())
            .result(),
        "FoldedIntoConstant",
        rewriter);
  }

  /** {@code select(true, a, b)} is a; {@code select(false, a, b)} is b. Stays when broadcasting would be lost. */
  private static boolean chooseByConstant(Operation op, Rewriter rewriter) {
    Optional<Operation> constant =
        op.is(MathOps.SELECT) ? definition(op.operand(0), StructureOps.CONSTANT) : Optional.empty();
    if (constant.isEmpty()) {
      return false;
    }
    Value chosen = op.operand(constant.get().attributes().real("value") != 0 ? 1 : 2);
    if (!chosen.type().equals(op.result().type())) {
      rewriter.reportMissed(
          "SelectKept", op.location(), "the chosen operand is smaller than the result");
      return false;
    }
    return replace(op, () -> chosen, "SelectDecided", rewriter);
  }

  /** {@code concat(x, x)} on axis 0 is {@code repeat(x)}. */
  private static boolean repeatInsteadOfConcat(Operation op, Rewriter rewriter) {
    boolean same = op.is(TensorOps.CONCAT)
        && op.attributes().integer("axis") == 0
        && op.operandCount() > 1
        && op.operands().stream().allMatch(v -> v == op.operand(0));
    if (!same) {
      return false;
    }
    return replace(
        op,
        () -> rewriter
            .before(op)
            .create(TensorOps.REPEAT)
            .operands(op.operand(0))
            .attribute("times", Attribute.of((long) op.operandCount()))
            .at(op.location())
            .result(),
        "ConcatRepeated",
        rewriter);
  }

  /** Whether axis {@code axis} of a reshape's result is one whole axis of its operand; gives that axis or -1. */
  public static int axisBefore(TensorType operand, TensorType result, int axis) {
    Dim before = Dim.of(1);
    for (int i = 0; i < axis; i++) {
      before = before.times(result.dim(i));
    }
    Dim passed = Dim.of(1);
    for (int i = 0; i < operand.rank(); i++) {
      if (passed.equals(before) && operand.dim(i).equals(result.dim(axis))) {
        return i;
      }
      passed = passed.times(operand.dim(i));
    }
    return -1;
  }

  private static boolean replace(
      Operation op, Supplier<Value> value, String event, Rewriter rewriter) {
    Location location = op.location();
    if (!rewriter.mayRewrite(event, location)) {
      return false;
    }
    rewriter.replace(op, value.get());
    rewriter.report(event, location, Attributes.NONE);
    return true;
  }
}
