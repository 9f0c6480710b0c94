package org.quantcache.passes.specialize;

import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.core.RewriteRule;

/**
 * Guidance runs the network on two equal copies of the latent. What both halves share is computed once: {@code repeat}
 * sinks through every operation that treats the samples of a batch alike, until it meets data that differs.
 */
final class SharedHalves {
  private static final String SHARED = "HalvesShared";

  private static final Set<String> BY_SAMPLE = ImmutableSet.of(
      NnOps.LINEAR,
      NnOps.LAYER_NORM,
      NnOps.RMS_NORM,
      NnOps.GELU,
      NnOps.SILU,
      NnOps.ROPE,
      ModelOps.TIMESTEP,
      TensorOps.CAST);
  private static final Set<String> BROADCASTING = ImmutableSet.of(
      MathOps.ADD,
      MathOps.SUB,
      MathOps.MUL,
      MathOps.SELECT,
      MathOps.COMPARE,
      MathOps.AND_NOT,
      NnOps.MODULATE);

  private SharedHalves() {}

  static List<RewriteRule> rules() {
    return List.of(
        SharedHalves::sinkThroughFirstOperand,
        SharedHalves::shareFilledConstant,
        SharedHalves::sinkThroughBroadcast,
        SharedHalves::readSourceInBroadcast,
        SharedHalves::sinkThroughAttention,
        SharedHalves::readSourceInCrossAttention,
        SharedHalves::sliceOneCopy);
  }

  private static Optional<Operation> repeat(Value value) {
    return value.definingOperation().filter(op -> op.is(TensorOps.REPEAT));
  }

  /** {@code f(repeat(x), w...)} is {@code repeat(f(x, w...))} when f works sample by sample. */
  private static boolean sinkThroughFirstOperand(Operation op, Rewriter rewriter) {
    Optional<Operation> repeat = op.operandCount() == 0 ? Optional.empty() : repeat(op.operand(0));
    if (repeat.isEmpty() || !worksBySample(op)) {
      return false;
    }
    List<Value> operands = new ArrayList<>(op.operands());
    operands.set(0, repeat.get().operand(0));
    return sink(op, operands, repeat.get(), rewriter);
  }

  /** {@code f(constant[n], w...)} is {@code repeat(f(constant[1], w...))}: its samples are all the same. */
  private static boolean shareFilledConstant(Operation op, Rewriter rewriter) {
    Optional<Operation> constant = BY_SAMPLE.contains(op.name())
        ? op.operand(0).definingOperation().filter(d -> d.is(StructureOps.CONSTANT))
        : Optional.empty();
    if (constant.isEmpty() || op.operand(0).type().rank() == 0) {
      return false;
    }
    TensorType type = op.operand(0).type();
    if (!type.dim(0).isConstant() || type.size(0) <= 1) {
      return false;
    }
    if (!rewriter.mayRewrite(SHARED, op.location())) {
      return false;
    }
    Value one = rewriter
        .before(op)
        .create(StructureOps.CONSTANT)
        .attributes(constant.get().attributes())
        .types(type.withDim(0, Dim.of(1)))
        .at(constant.get().location())
        .result();
    List<Value> operands = new ArrayList<>(op.operands());
    operands.set(0, one);
    repeatAfter(op, operands, Dim.of(1), type.size(0), rewriter);
    return true;
  }

  private static boolean worksBySample(Operation op) {
    Attributes attributes = op.attributes();
    return switch (op.name()) {
      case TensorOps.RESHAPE ->
        op.result().type().rank() > 0
            && op.result().type().dim(0).equals(op.operand(0).type().dim(0));
      case TensorOps.PERMUTE -> attributes.longs("order").get(0) == 0;
      case TensorOps.SLICE -> attributes.integer("axis") != 0;
      case TensorOps.PAD -> attributes.longs("after").get(0) == 0;
      default -> BY_SAMPLE.contains(op.name());
    };
  }

  /** {@code f(repeat(a), repeat(b), c)} is {@code repeat(f(a, b, c))} when c is small on axis 0. */
  private static boolean sinkThroughBroadcast(Operation op, Rewriter rewriter) {
    if (!BROADCASTING.contains(op.name())) {
      return false;
    }
    Optional<Operation> found = Optional.empty();
    List<Value> operands = new ArrayList<>();
    for (Value operand : op.operands()) {
      Optional<Operation> repeat = repeat(operand);
      boolean fits = repeat.isPresent()
          && (found.isEmpty() || times(found.get()) == times(repeat.get()))
          && operand.type().dim(0).equals(op.result().type().dim(0));
      if (!fits && !operand.type().dim(0).equals(Dim.of(1))) {
        return false;
      }
      found = fits ? repeat : found;
      operands.add(fits ? repeat.get().operand(0) : operand);
    }
    return found.isPresent() && sink(op, operands, found.get(), rewriter);
  }

  /** {@code f(repeat(a), b)} is {@code f(a, b)} when b has the whole batch: axis 0 of an operand is read modulo. */
  private static boolean readSourceInBroadcast(Operation op, Rewriter rewriter) {
    if (!BROADCASTING.contains(op.name())) {
      return false;
    }
    for (int i = 0; i < op.operandCount(); i++) {
      Optional<Operation> repeat = repeat(op.operand(i));
      if (repeat.isPresent() && othersHaveWholeBatch(op, i)) {
        return readSource(op, i, repeat.get(), rewriter);
      }
    }
    return false;
  }

  private static boolean othersHaveWholeBatch(Operation op, int index) {
    Dim batch = op.result().type().dim(0);
    for (int i = 0; i < op.operandCount(); i++) {
      if (i != index && op.operand(i).type().dim(0).equals(batch)) {
        return true;
      }
    }
    return false;
  }

  /** Queries, keys and values that are all repeated. */
  private static boolean sinkThroughAttention(Operation op, Rewriter rewriter) {
    if (!op.is(NnOps.ATTENTION)) {
      return false;
    }
    List<Value> operands = new ArrayList<>();
    for (Value operand : op.operands()) {
      Optional<Operation> repeat = repeat(operand);
      if (repeat.isEmpty() || times(repeat.get()) != times(repeat(op.operand(0)).orElseThrow())) {
        return false;
      }
      operands.add(repeat.get().operand(0));
    }
    return sink(op, operands, repeat(op.operand(0)).orElseThrow(), rewriter);
  }

  /** Cross-attention reads the sample of a query modulo the batch of its queries. */
  private static boolean readSourceInCrossAttention(Operation op, Rewriter rewriter) {
    Optional<Operation> repeat =
        op.is(NnOps.CROSS_ATTENTION) ? repeat(op.operand(0)) : Optional.empty();
    return repeat.isPresent() && readSource(op, 0, repeat.get(), rewriter);
  }

  /** One copy cut out of {@code repeat(x)} is x. */
  private static boolean sliceOneCopy(Operation op, Rewriter rewriter) {
    Optional<Operation> repeat = op.is(TensorOps.SLICE) && op.attributes().integer("axis") == 0
        ? repeat(op.operand(0))
        : Optional.empty();
    if (repeat.isEmpty() || !repeat.get().operand(0).type().equals(op.result().type())) {
      return false;
    }
    Dim size = op.result().type().dim(0);
    if (!size.isConstant() || op.attributes().integer("start") % size.coefficient() != 0) {
      return false;
    }
    Location place = op.location();
    if (!rewriter.mayRewrite(SHARED, place)) {
      return false;
    }
    rewriter.replace(op, repeat.get().operand(0));
    rewriter.report(SHARED, place, Attributes.NONE);
    return true;
  }

  private static long times(Operation repeat) {
    return repeat.attributes().integer("times");
  }

  private static boolean readSource(
      Operation op, int operand, Operation repeat, Rewriter rewriter) {
    if (!rewriter.mayRewrite(SHARED, op.location())) {
      return false;
    }
    rewriter.setOperand(op, operand, repeat.operand(0));
    rewriter.report(SHARED, op.location(), Attributes.NONE);
    return true;
  }

  private static boolean sink(
      Operation op, List<Value> operands, Operation repeat, Rewriter rewriter) {
    Dim batch = repeat.operand(0).type().dim(0);
    TensorType small = op.result().type().withDim(0, batch);
    if (op.is(TensorOps.RESHAPE)
        && !small.elements().equals(operands.get(0).type().elements())) {
      return false;
    }
    if (!rewriter.mayRewrite(SHARED, op.location())) {
      return false;
    }
    repeatAfter(op, operands, batch, times(repeat), rewriter);
    return true;
  }

  /** Computes one copy of {@code batch} samples and repeats that. */
  private static void repeatAfter(
      Operation op, List<Value> operands, Dim batch, long times, Rewriter rewriter) {
    Location place = op.location();
    Value once = rewriter
        .before(op)
        .create(op.name())
        .operands(operands)
        .attributes(op.attributes())
        .types(op.result().type().withDim(0, batch))
        .at(place)
        .names(op.result().nameHint())
        .result();
    Value all = rewriter
        .create(TensorOps.REPEAT)
        .operands(once)
        .attribute("times", Attribute.of(times))
        .at(place)
        .result();
    rewriter.replace(op, all);
    rewriter.report(SHARED, place, Attributes.NONE);
  }
}
