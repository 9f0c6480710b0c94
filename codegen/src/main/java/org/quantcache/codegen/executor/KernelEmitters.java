package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.tir.CrossAttentionSpec;
import org.quantcache.codegen.tir.ElementwiseSpec;
import org.quantcache.codegen.tir.ElementwiseSpec.Function;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.Epilogue.Probe;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GuidedStepSpec;
import org.quantcache.codegen.tir.NormSpec;
import org.quantcache.codegen.tir.RowGroups;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;

/** Operations that are one kernel. */
final class KernelEmitters {
  private KernelEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(FusedOps.LINEAR, (op, out) -> linear(op, Probe.NONE, out));
    table.put(
        ProbedOps.LINEAR, (op, out) -> ProbeEmitters.product(op, out, KernelEmitters::linear));
    table.put(FusedOps.NORM_MODULATE, KernelEmitters::normModulate);
    table.put(NnOps.LAYER_NORM, KernelEmitters::layerNorm);
    table.put(FusedOps.ATTENTION, KernelEmitters::attention);
    table.put(FusedOps.CROSS_ATTENTION, KernelEmitters::crossAttention);
    table.put(FusedOps.GUIDED_STEP, KernelEmitters::guidedStep);
    table.put(MathOps.ADD, elementwise(Function.ADD));
    table.put(MathOps.SUB, elementwise(Function.SUB));
    table.put(MathOps.MUL, elementwise(Function.MUL));
    table.put(MathOps.SELECT, elementwise(Function.SELECT));
    table.put(MathOps.AND_NOT, elementwise(Function.AND_NOT));
    table.put(
        MathOps.COMPARE,
        (op, out) -> elementwise(
                op.attributes().word("predicate").equals("eq")
                    ? Function.EQUAL
                    : Function.GREATER_OR_EQUAL)
            .emit(op, out));
    table.put(TensorOps.CAST, KernelEmitters::cast);
    table.put(NnOps.MODULATE, elementwise(Function.MODULATE));
    table.put(NnOps.GELU, elementwise(Function.GELU));
    table.put(NnOps.SILU, elementwise(Function.SILU));
  }

  static Dim rows(TensorType type) {
    return Places.product(type, 0, type.rank() - 1);
  }

  /** A product of floats. @param probe what is measured of it in this launch */
  private static void linear(Operation op, Probe probe, Emission out) {
    Value result = op.results().get(0);
    TensorType weight = op.operand(1).type();
    requireReadable(op, weight, out);
    Epilogue epilogue = epilogue(op).with(probe);
    GemmSpec spec = new GemmSpec(
        (int) weight.size(0), (int) weight.size(1), WeightStorage.of(weight.element()), epilogue);
    List<Value> pointers = new ArrayList<>(List.of(op.operand(0), op.operand(1), result));
    Dim rows = rows(result.type());
    List<String> numbers = new ArrayList<>(List.of(Places.size(rows)));
    epilogueArguments(op, 2, epilogue, pointers, numbers);
    out.launch(op, spec, pointers, numbers, out.target().productItems(spec, rows));
  }

  /** Holds a weight to what the kernels of the device read. @throws UserError CG0203 */
  static void requireReadable(Operation op, TensorType weight, Emission out) {
    TensorType expected = out.target().readable(weight, op.operand(0).type());
    if (!weight.equals(expected)) {
      throw UserError.of(
              "CG0203",
              "the weight of '%s' at %s is %s, the kernels of %s read %s",
              op.name(),
              op.location().text(),
              weight.text(),
              out.target().device(),
              expected.text())
          .withHint("%s", out.target().hint());
    }
  }

  /** What follows a product. @throws UserError CG0209 for an order that no kernel has */
  static Epilogue epilogue(Operation op) {
    List<String> parts = op.attributes().strings("epilogue");
    if (!Epilogue.isInOrder(parts)) {
      throw UserError.of(
          "CG0209",
          "'%s' at %s applies %s, kernels apply bias, gelu or silu, gate, residual in this order",
          op.name(),
          op.location().text(),
          parts);
    }
    return Epilogue.of(parts);
  }

  /** Adds the arguments for the operands of the epilogue, the first of which is {@code first}. */
  static void epilogueArguments(
      Operation op, int first, Epilogue epilogue, List<Value> pointers, List<String> numbers) {
    TensorType result = op.results().get(0).type();
    int operand = first;
    for (String part : op.attributes().strings("epilogue")) {
      if (!FusedOps.takesOperand(part)) {
        continue;
      }
      Value value = op.operand(operand++);
      pointers.add(value);
      if (part.equals("gate")) {
        groups(op, value.type(), result).forEach(n -> numbers.add(Long.toString(n)));
      } else if (part.equals("residual")) {
        numbers.add(Places.size(rows(value.type())));
      }
    }
    if (epilogue.isProbed()) {
      pointers.add(op.operand(operand));
      pointers.add(op.results().get(1));
    }
  }

  private static List<Long> groups(Operation op, TensorType table, TensorType rows) {
    if (!RowGroups.fits(table, rows)) {
      throw UserError.of(
          "CG0204",
          "'%s' at %s: %s is no table of one row for each sample or frame of %s",
          op.name(),
          op.location().text(),
          table.text(),
          rows.text());
    }
    return RowGroups.of(table, rows).arguments();
  }

  /** Which rows of shift and scale, operands 1 and 2, belong to a row of operand 0. */
  static List<Long> modulationGroups(Operation op) {
    TensorType type = op.operand(0).type();
    List<Long> groups = groups(op, op.operand(1).type(), type);
    if (!groups.equals(groups(op, op.operand(2).type(), type))) {
      throw UserError.of(
          "CG0204",
          "'%s' at %s: shift and scale have different rows",
          op.name(),
          op.location().text());
    }
    return groups;
  }

  private static void normModulate(Operation op, Emission out) {
    TensorType type = op.result().type();
    List<Long> groups = modulationGroups(op);
    NormSpec spec = new NormSpec((int) type.size(-1), op.attributes().real("epsilon"), true);
    out.launch(
        op,
        spec,
        List.of(op.operand(0), op.result(), op.operand(1), op.operand(2)),
        groups.stream().map(n -> Long.toString(n)).toList(),
        Places.size(rows(type)));
  }

  private static void layerNorm(Operation op, Emission out) {
    TensorType type = op.result().type();
    NormSpec spec = new NormSpec((int) type.size(-1), op.attributes().real("epsilon"), false);
    out.launch(op, spec, List.of(op.operand(0), op.result()), List.of(), Places.size(rows(type)));
  }

  private static void attention(Operation op, Emission out) {
    AttentionSizes sizes = AttentionSizes.of(op);
    List<Value> pointers = new ArrayList<>(List.of(op.operand(0), op.result()));
    pointers.addAll(op.operands().subList(1, op.operandCount()));
    out.launch(op, sizes.spec(op), pointers, sizes.numbers(), sizes.items());
  }

  private static void crossAttention(Operation op, Emission out) {
    List<Long> sizes = Places.constantSizes(op, op.result());
    TensorType text = op.operand(1).type();
    int heads = (int) op.attributes().integer("heads");
    long queries = sizes.get(1) * sizes.get(2);
    long bound = out.places().bound(text.dim(1));
    CrossAttentionSpec spec = new CrossAttentionSpec(
        heads,
        (int) (sizes.get(3) / heads),
        (int) bound,
        op.operandCount() == 3,
        op.attributes().real("scale"));
    List<Value> pointers = new ArrayList<>(List.of(op.operand(0), op.operand(1), op.result()));
    if (op.operandCount() == 3) {
      pointers.add(op.operand(2));
    }
    List<String> numbers = List.of(
        Long.toString(queries),
        Places.size(text.dim(1)),
        Long.toString(op.operand(0).type().size(0)));
    out.launch(op, spec, pointers, numbers, Long.toString(spec.workItems(sizes.get(0), queries)));
  }

  private static void cast(Operation op, Emission out) {
    TensorType type = op.result().type();
    out.launch(
        op,
        new CastForm(Places.stored(op.operand(0)), Places.stored(op.result())),
        List.of(op.operand(0), op.result()),
        List.of(),
        Places.count(type));
  }

  private static void guidedStep(Operation op, Emission out) {
    List<Long> latent = Places.constantSizes(op, op.result());
    List<Long> prediction = Places.constantSizes(op, op.operand(0));
    long videos = latent.get(0);
    long elements = latent.stream().skip(1).reduce(1L, Math::multiplyExact);
    long perSample = prediction.stream().skip(1).reduce(1L, Math::multiplyExact);
    List<Value> pointers = new ArrayList<>(op.operands());
    pointers.add(op.result());
    GuidedStepSpec spec = new GuidedStepSpec();
    out.launch(
        op,
        spec,
        pointers,
        List.of(Long.toString(videos), Long.toString(elements), Long.toString(perSample)),
        Long.toString(spec.workItems(videos, elements)));
  }

  private static OpEmitter elementwise(Function function) {
    return (op, out) -> {
      List<List<Long>> operands = new ArrayList<>();
      for (Value operand : op.operands()) {
        operands.add(Places.constantSizes(op, operand));
      }
      List<Value> pointers = new ArrayList<>(op.operands());
      pointers.add(op.result());
      ElementwiseSpec spec =
          new ElementwiseSpec(function, Places.constantSizes(op, op.result()), operands);
      out.launch(op, spec, pointers, List.of(), Long.toString(spec.workItems()));
    };
  }
}
