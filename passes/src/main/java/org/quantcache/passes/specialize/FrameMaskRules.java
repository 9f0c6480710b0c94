package org.quantcache.passes.specialize;

import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.core.RewriteRule;

/** What is known of the frame mask: that it is all true, or at least that it selects whole rows of vectors. */
final class FrameMaskRules {
  private static final String PARAMETER = "x_mask";

  private FrameMaskRules() {}

  /** Rules for a mask that is real: choose among the small vectors, then compute once. Exact, element by element. */
  static List<RewriteRule> selectFirst() {
    return List.of(FrameMaskRules::selectModulation, FrameMaskRules::selectGate);
  }

  /** Takes the frame mask of a function as all true and gives the parameter up. */
  static void assumeAllTrue(IrModule module, Rewriter rewriter) {
    for (Function function : module.functions()) {
      for (Value parameter : function.parameters()) {
        if (parameter.nameHint().equals(PARAMETER)) {
          replaceByTrue(function, parameter, rewriter);
        }
      }
    }
  }

  private static void replaceByTrue(Function function, Value parameter, Rewriter rewriter) {
    Location location = Location.of(PARAMETER);
    if (!rewriter.mayRewrite("FrameMaskAssumed", location)) {
      return;
    }
    Value all = rewriter
        .before(function.body().operations().get(0))
        .create(StructureOps.CONSTANT)
        .attribute("value", Attribute.of(1.0))
        .types(parameter.type())
        .at(location)
        .result();
    rewriter.replaceUses(parameter, all);
    rewriter.eraseParameter(function, parameter);
    rewriter.report("FrameMaskAssumed", location, Attributes.NONE);
  }

  /**
   * {@code select(m, modulate(n, a, b), modulate(n, a0, b0))} becomes {@code modulate(n, select(m, a, a0), select(m, b,
   * b0))}. Does not fire when one of the modulations has another reader, or they modulate different values.
   */
  private static boolean selectModulation(Operation op, Rewriter rewriter) {
    Optional<Operation> first = single(op, 1, NnOps.MODULATE);
    Optional<Operation> second = single(op, 2, NnOps.MODULATE);
    if (first.isEmpty()
        || second.isEmpty()
        || first.get().operand(0) != second.get().operand(0)) {
      return false;
    }
    Location place = Location.fused(first.get(), op);
    if (!rewriter.mayRewrite("SelectMovedToRows", place)) {
      return false;
    }
    rewriter.before(op).locate(place);
    Value shift =
        select(rewriter, op.operand(0), first.get().operand(1), second.get().operand(1));
    Value scale =
        select(rewriter, op.operand(0), first.get().operand(2), second.get().operand(2));
    Value once = rewriter
        .create(NnOps.MODULATE)
        .operands(first.get().operand(0), shift, scale)
        .result();
    rewriter.replace(op, once);
    rewriter.report("SelectMovedToRows", place, Attributes.NONE);
    return true;
  }

  /** {@code select(m, g * x, g0 * x)} becomes {@code select(m, g, g0) * x}. Same conditions. */
  private static boolean selectGate(Operation op, Rewriter rewriter) {
    Optional<Operation> first = single(op, 1, MathOps.MUL);
    Optional<Operation> second = single(op, 2, MathOps.MUL);
    if (first.isEmpty()
        || second.isEmpty()
        || first.get().operand(1) != second.get().operand(1)) {
      return false;
    }
    Location place = Location.fused(first.get(), op);
    if (!rewriter.mayRewrite("SelectMovedToRows", place)) {
      return false;
    }
    rewriter.before(op).locate(place);
    Value gate =
        select(rewriter, op.operand(0), first.get().operand(0), second.get().operand(0));
    Value once =
        rewriter.create(MathOps.MUL).operands(gate, first.get().operand(1)).result();
    rewriter.replace(op, once);
    rewriter.report("SelectMovedToRows", place, Attributes.NONE);
    return true;
  }

  private static Optional<Operation> single(Operation select, int operand, String name) {
    if (!select.is(MathOps.SELECT)) {
      return Optional.empty();
    }
    Value value = select.operand(operand);
    return value.definingOperation().filter(op -> op.is(name) && value.hasOneUse());
  }

  private static Value select(Rewriter rewriter, Value mask, Value a, Value b) {
    return rewriter.create(MathOps.SELECT).operands(mask, a, b).result();
  }
}
