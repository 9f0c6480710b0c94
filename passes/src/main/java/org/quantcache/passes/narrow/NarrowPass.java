package org.quantcache.passes.narrow;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;

/**
 * Gives what flows through the network 16 bits: operands of products and attention become bf16, and what is computed from
 * them stays so up to the results and the latents of the loop. Arithmetic is in f32; each operation rounds once.
 */
public final class NarrowPass implements Pass {
  private static final PassInfo INFO = new PassInfo(
      "narrow",
      "give activations 16 bits (bf16)",
      Numerics.QUANTIZES,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      List.of());

  /** Operations from which on values are narrow, with the operands that must be. */
  private static final Map<String, List<Integer>> STARTS =
      ImmutableMap.<String, List<Integer>>builder()
          .put(NnOps.LINEAR, List.of(0))
          .put(FusedOps.LINEAR, List.of(0))
          .put(FusedOps.ATTENTION, List.of(0))
          .put(FusedOps.CROSS_ATTENTION, List.of(0, 1))
          .put(AttentionOps.KEYS, List.of(0))
          .put(AttentionOps.BYTE_KEYS, List.of(0))
          .put(AttentionOps.KEYED_ATTENTION, List.of(0))
          .put(LatentOps.FINAL_STEP, List.of(0))
          .buildOrThrow();

  /** Operations that read f32 only. */
  private static final Set<String> WIDE = ImmutableSet.of(
      ModelOps.TEXT_PACK,
      ModelOps.TEXT_UNPACK,
      ModelOps.TIMESTEP,
      ModelOps.POSITION,
      ModelOps.ROPE_TABLE,
      ModelOps.TIME_GRID,
      ModelOps.STEP_SIZE);

  /** Movements whose result types are stated, not inferred. */
  private static final Set<String> STATED = ImmutableSet.of(TensorOps.RESHAPE, TensorOps.SLICE);

  private NarrowPass() {}

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, options -> new NarrowPass());
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    for (Function function : module.functions()) {
      narrow(function.body(), function.resultTypes(), rewriter);
    }
  }

  /** @param wide types of what the terminator gives to the outside, where they must stay; empty where they need not */
  private void narrow(Region region, List<TensorType> wide, Rewriter rewriter) {
    for (Operation op : List.copyOf(region.operations())) {
      STARTS
          .getOrDefault(op.name(), List.of())
          .forEach(i -> cast(op, i, ScalarType.BF16, rewriter));
      for (int i = 0; WIDE.contains(op.name()) && i < op.operandCount(); i++) {
        cast(op, i, ScalarType.F32, rewriter);
      }
      if (op.is(CacheOps.SLOT)) {
        retype(op, List.of(narrowed(op.result().type())), rewriter);
      }
      for (Region inner : op.regions()) {
        boolean isLoop = op.is(StructureOps.LOOP);
        narrow(inner, isLoop ? carried(inner) : List.of(), rewriter);
      }
      if (op.is(StructureOps.RETURN) || op.is(StructureOps.YIELD)) {
        for (int i = 0; i < wide.size(); i++) {
          if (wide.get(i).element() == ScalarType.F32) {
            cast(op, i, ScalarType.F32, rewriter);
          }
        }
      } else {
        follow(op, rewriter);
      }
    }
  }

  /** Types of the carried values of a loop. */
  private static List<TensorType> carried(Region body) {
    return body.arguments().stream().skip(1).map(Value::type).toList();
  }

  /** Results follow their operands. */
  private static void follow(Operation op, Rewriter rewriter) {
    if (op.is(QuantOps.LINEAR) || op.is(LatentOps.PATCH_EMBED)) {
      retype(op, List.of(narrowed(op.result().type())), rewriter);
      return;
    }
    boolean reads = op.operands().stream().anyMatch(v -> v.type().element() == ScalarType.BF16);
    if (!reads
        || op.is(TensorOps.CAST)
        || op.is(StructureOps.LOOP)
        || op.results().isEmpty()) {
      return;
    }
    if (STATED.contains(op.name())) {
      retype(op, List.of(op.result().type().withElement(op.operand(0).type().element())), rewriter);
    } else {
      retype(op, rewriter.inferred(op), rewriter);
    }
  }

  private static TensorType narrowed(TensorType type) {
    return type.element() == ScalarType.F32 ? type.withElement(ScalarType.BF16) : type;
  }

  private static void retype(Operation op, List<TensorType> types, Rewriter rewriter) {
    for (int i = 0; i < types.size(); i++) {
      Value result = op.results().get(i);
      if (!result.type().equals(types.get(i))) {
        rewriter.setType(result, types.get(i));
        rewriter.report("Narrowed", op.location(), Attributes.NONE);
      }
    }
  }

  /** Puts a cast in front of an operand that has another kind of float. */
  private static void cast(Operation op, int operand, ScalarType kind, Rewriter rewriter) {
    Value value = op.operand(operand);
    boolean isFloat =
        value.type().element() == ScalarType.F32 || value.type().element() == ScalarType.BF16;
    if (!isFloat || value.type().element() == kind) {
      return;
    }
    Value cast = rewriter
        .before(op)
        .create(TensorOps.CAST)
        .operands(value)
        .types(value.type().withElement(kind))
        .at(op.location())
        .names(value.nameHint())
        .result();
    rewriter.setOperand(op, operand, cast);
  }
}
