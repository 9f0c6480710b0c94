package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.INT;
import static org.quantcache.ir.core.OpDef.AttributeKind.LIST;
import static org.quantcache.ir.core.OpDef.AttributeKind.STRING;
import static org.quantcache.ir.core.OpDef.AttributeKind.SYMBOL;
import static org.quantcache.ir.core.OpDef.AttributeKind.TYPE;
import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.List;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Weights, constants, the denoising loop and terminators. */
public final class StructureOps {
  public static final String WEIGHT_DEF = "weight.def";
  public static final String WEIGHT_GET = "weight.get";
  public static final String CONSTANT = "tensor.constant";
  public static final String RETURN = "func.return";
  public static final String LOOP = "step.loop";
  public static final String YIELD = "step.yield";
  public static final String OBSERVE = "step.observe";

  private StructureOps() {}

  static List<OpDef> all() {
    return List.of(
        OpDef.named(
                WEIGHT_DEF,
                "Names a checkpoint tensor. The stored tensor is read row-major, reshaped to the type's sizes after"
                    + " taking `rows` of axis 0 when given, converted to the type's element kind, packed to its layout."
                    + " In between, row by row: times `columns`[k], times `outputs`[n], orthonormal Hadamard on blocks of"
                    + " `hadamard` channels, rounding to `bits` with scale = clip * absmax / (2^(bits-1) - 1)")
            .required("key", STRING, "name in the checkpoint")
            .required("type", TYPE, "type that weight.get gives")
            .optional("rows", LIST, "indices on axis 0 of the stored tensor to keep, in this order")
            .optional("columns", STRING, "checkpoint vector of one factor for each input channel")
            .optional("outputs", STRING, "checkpoint vector of one factor for each output row")
            .optional("hadamard", INT, "channels of a rotated block, a power of two")
            .optional("bits", INT, "2..8: bits of the symmetric grid that each row is rounded to")
            .optional(
                "clip",
                FLOAT,
                "part of a row's largest magnitude that the grid spans, 1 when absent")
            .optional("group", INT, "channels that share a scale, a whole row when absent")
            .optional(
                "part",
                WORD,
                "values (default), or the scale or sum of the values of each row or group")
            .traits(Trait.GLOBAL)
            .types(WeightRules::check)
            .build(),
        OpDef.named(WEIGHT_GET, "The weight that `weight` names")
            .required("weight", SYMBOL, "a weight.def")
            .traits(Trait.PURE, Trait.VIEW)
            .types(op -> List.of(op.declaredResult()))
            .build(),
        OpDef.named(CONSTANT, "A tensor filled with `value`; true is any value but 0")
            .required("value", FLOAT, "the value of every element")
            .traits(Trait.PURE)
            .types(op -> List.of(op.declaredResult()))
            .build(),
        OpDef.named(RETURN, "Ends a function and gives its results")
            .operands(0, OpDef.ANY)
            .traits(Trait.TERMINATOR)
            .types(op -> List.of())
            .build(),
        OpDef.named(
                LOOP,
                "step.loop(grid, init...): runs its region once for each row of `grid`; region arguments are the step"
                    + " index i32[] and the carried values, which step.yield passes on")
            .operands(2, OpDef.ANY)
            .optional("args_at", LIST, "byte offsets of the region arguments, set by memory-plan")
            .regions("")
            .types(StructureOps::loop)
            .build(),
        OpDef.named(
                YIELD,
                "Ends a region: gives the next carried values of a loop, or the value of a guarded region")
            .operands(1, OpDef.ANY)
            .traits(Trait.TERMINATOR)
            .types(op -> List.of())
            .build(),
        OpDef.named(
                OBSERVE,
                "step.observe(step, value): shows a value of this step to the caller's observer")
            .operands(2)
            .required("name", STRING, "name of the series")
            .types(StructureOps::observe)
            .build());
  }

  private static List<TensorType> loop(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.F32);
    op.require(op.operand(0).rank() >= 1, "operand 0 (the time grid) needs an axis of steps");
    return op.operands().subList(1, op.operands().size());
  }

  private static List<TensorType> observe(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.I32);
    Shapes.requireRank(op, 0, 0);
    return List.of();
  }
}
