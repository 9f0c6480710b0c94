package org.quantcache.passes.specialize;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.core.RewriteRule;
import org.quantcache.passes.core.WeightDefinitions;
import org.quantcache.passes.fold.Canonical;

/**
 * The sampler keeps half of the predicted channels. The slice moves up through slices, permutes and reshapes to the
 * last linear, of whose weight only the live rows stay; model section 3.7.
 */
final class DeadChannels {
  private static final String MOVED = "SliceMoved";

  private DeadChannels() {}

  static List<RewriteRule> rules() {
    return List.of(
        DeadChannels::aboveSlice,
        DeadChannels::abovePermute,
        DeadChannels::aboveReshape,
        DeadChannels::intoLinear);
  }

  private static Optional<Operation> source(Operation slice, String name) {
    if (!slice.is(TensorOps.SLICE) || !slice.result().type().dim(axis(slice)).isConstant()) {
      return Optional.empty();
    }
    Value value = slice.operand(0);
    return value.definingOperation().filter(op -> op.is(name) && value.hasOneUse());
  }

  private static int axis(Operation slice) {
    return (int) slice.attributes().integer("axis");
  }

  private static Dim size(Operation slice) {
    return slice.result().type().dim(axis(slice));
  }

  /** {@code slice_a(slice_b(x))} is {@code slice_b(slice_a(x))} for a channel axis a < b; keeps the order stable. */
  private static boolean aboveSlice(Operation op, Rewriter rewriter) {
    Optional<Operation> inner = source(op, TensorOps.SLICE);
    if (inner.isEmpty()
        || axis(op) >= axis(inner.get())
        || axis(op) == 0
        || !mayMove(op, rewriter)) {
      return false;
    }
    Value cut =
        slice(rewriter.before(op).locate(op.location()), inner.get().operand(0), axis(op), op);
    Value out = rewriter
        .create(TensorOps.SLICE)
        .operands(cut)
        .attributes(inner.get().attributes())
        .types(op.result().type())
        .at(inner.get().location())
        .result();
    return finish(op, out, rewriter);
  }

  /** {@code slice(permute(x))} is {@code permute(slice(x))} on the axis that it came from. Not for the batch axis. */
  private static boolean abovePermute(Operation op, Rewriter rewriter) {
    Optional<Operation> inner = source(op, TensorOps.PERMUTE);
    if (inner.isEmpty() || axis(op) == 0 || !mayMove(op, rewriter)) {
      return false;
    }
    int from = inner.get().attributes().longs("order").get(axis(op)).intValue();
    Value cut = slice(rewriter.before(op).locate(op.location()), inner.get().operand(0), from, op);
    Value out = rewriter
        .create(TensorOps.PERMUTE)
        .operands(cut)
        .attributes(inner.get().attributes())
        .at(inner.get().location())
        .result();
    return finish(op, out, rewriter);
  }

  /** {@code slice(reshape(x))} is {@code reshape(slice(x))} when the axis is one whole axis of x. */
  private static boolean aboveReshape(Operation op, Rewriter rewriter) {
    Optional<Operation> inner = source(op, TensorOps.RESHAPE);
    if (inner.isEmpty() || axis(op) == 0) {
      return false;
    }
    Value x = inner.get().operand(0);
    int from = Canonical.axisBefore(x.type(), op.operand(0).type(), axis(op));
    if (from < 0
        || x.definingOperation().filter(d -> d.is(StructureOps.WEIGHT_GET)).isPresent()
        || !mayMove(op, rewriter)) {
      return false;
    }
    Value cut = slice(rewriter.before(op).locate(op.location()), x, from, op);
    Value out = rewriter
        .create(TensorOps.RESHAPE)
        .operands(cut)
        .types(op.result().type())
        .at(inner.get().location())
        .result();
    return finish(op, out, rewriter);
  }

  /** {@code slice(reshape(linear(x, w, b)))} on the fastest part of the channels keeps rows of w and b. */
  private static boolean intoLinear(Operation op, Rewriter rewriter) {
    Optional<Operation> reshape = source(op, TensorOps.RESHAPE);
    if (reshape.isEmpty() || axis(op) != op.result().type().rank() - 1) {
      return false;
    }
    Value product = reshape.get().operand(0);
    Optional<Operation> linear =
        product.definingOperation().filter(d -> d.is(NnOps.LINEAR) && product.hasOneUse());
    Optional<Operation> weight = linear.flatMap(l -> get(l, 1));
    if (weight.isEmpty() || hasRows(linear.get(), rewriter)) {
      return false;
    }
    long channels = op.operand(0).type().size(-1);
    long outputs = product.type().size(-1);
    if (outputs % channels != 0
        || !keepsRows(product.type(), op.operand(0).type(), channels, outputs)) {
      return false;
    }
    List<Long> rows = new ArrayList<>();
    long start = op.attributes().integer("start");
    long kept = size(op).coefficient();
    for (long row = 0; row < outputs; row++) {
      if (row % channels >= start && row % channels < start + kept) {
        rows.add(row);
      }
    }
    Location place = linear.get().location();
    if (!rewriter.mayRewrite("DeadChannelsRemoved", place)) {
      return false;
    }
    List<Value> operands = new ArrayList<>(List.of(linear.get().operand(0)));
    for (int i = 1; i < linear.get().operandCount(); i++) {
      Operation source = get(linear.get(), i).orElseThrow();
      TensorType type = source.result().type().withDim(0, Dim.of(rows.size()));
      operands.add(WeightDefinitions.rows(source, rows, type, rewriter));
    }
    Value live =
        rewriter.before(op).create(NnOps.LINEAR).operands(operands).at(place).result();
    Value out = rewriter
        .create(TensorOps.RESHAPE)
        .operands(live)
        .types(op.result().type())
        .at(reshape.get().location())
        .result();
    rewriter.replace(op, out);
    rewriter.report(
        "DeadChannelsRemoved",
        place,
        Attributes.of("rows", Attribute.of(outputs - (long) rows.size())));
    return true;
  }

  /** The last axes of the reshape together are the channels of the linear. */
  private static boolean keepsRows(
      TensorType linear, TensorType reshaped, long channels, long outputs) {
    Dim product = Dim.of(1);
    for (int axis = reshaped.rank() - 1; axis >= 0; axis--) {
      product = product.times(reshaped.dim(axis));
      if (product.equals(Dim.of(outputs))) {
        return true;
      }
    }
    return channels == outputs && linear.dim(-1).equals(reshaped.dim(-1));
  }

  private static Optional<Operation> get(Operation linear, int operand) {
    return operand < linear.operandCount()
        ? linear.operand(operand).definingOperation().filter(d -> d.is(StructureOps.WEIGHT_GET))
        : Optional.empty();
  }

  private static boolean hasRows(Operation linear, Rewriter rewriter) {
    for (int i = 1; i < linear.operandCount(); i++) {
      Optional<Operation> definition = WeightDefinitions.of(rewriter.module(), linear.operand(i));
      if (definition.isEmpty() || definition.get().attributes().has("rows")) {
        return true;
      }
    }
    return false;
  }

  private static Value slice(
      org.quantcache.ir.core.OpBuilder builder, Value x, int axis, Operation like) {
    return builder
        .create(TensorOps.SLICE)
        .operands(x)
        .attribute("axis", Attribute.of((long) axis))
        .attribute("start", like.attributes().get("start"))
        .types(x.type().withDim(axis, size(like)))
        .result();
  }

  private static boolean mayMove(Operation op, Rewriter rewriter) {
    return rewriter.mayRewrite(MOVED, op.location());
  }

  private static boolean finish(Operation op, Value out, Rewriter rewriter) {
    Location place = op.location();
    rewriter.replace(op, out);
    rewriter.report(MOVED, place, Attributes.NONE);
    return true;
  }
}
