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
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ElementType;
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

  /** Operations whose results have 16 bits whatever they read. */
  private static final Set<String> RESULTS =
      ImmutableSet.of(QuantOps.LINEAR, LatentOps.PATCH_EMBED, CacheOps.SLOT);

  /** Operations whose last operand is what they remember, if they remember anything. */
  private static final Set<String> REMEMBERING =
      ImmutableSet.of(CacheOps.GUARD, CacheOps.PROBE, PruneOps.BRANCH, PruneOps.PROBE);

  private static final Set<ElementType> FLOATS = ImmutableSet.of(ScalarType.F32, ScalarType.BF16);

  private static final String NARROWED = "Narrowed";

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

  /** @param given types of what the terminator gives to the outside, whose kind of float is kept */
  private static void narrow(Region region, List<TensorType> given, Rewriter rewriter) {
    for (Operation op : List.copyOf(region.operations())) {
      boolean asked = isWide(op);
      if (asked && !rewriter.mayRewrite(NARROWED, op.location())) {
        keepWide(op, rewriter);
        continue;
      }
      for (int start : STARTS.getOrDefault(op.name(), List.of())) {
        cast(op, start, ScalarType.BF16, rewriter);
      }
      for (int i = 0; WIDE.contains(op.name()) && i < op.operandCount(); i++) {
        cast(op, i, ScalarType.F32, rewriter);
      }
      if (!op.results().isEmpty() && RESULTS.contains(op.name())) {
        retype(op, List.of(narrowed(op.result().type())), rewriter);
      }
      inside(op, rewriter);
      if (op.is(StructureOps.RETURN) || op.is(StructureOps.YIELD)) {
        for (int i = 0; i < given.size(); i++) {
          cast(op, i, given.get(i).element(), rewriter);
        }
      } else {
        follow(op, rewriter);
      }
      if (asked) {
        rewriter.report(NARROWED, op.location(), Attributes.NONE);
      }
    }
  }

  /** Whether narrow values begin here, and have not yet. */
  private static boolean isWide(Operation op) {
    boolean reads = STARTS.getOrDefault(op.name(), List.of()).stream()
        .anyMatch(i -> op.operand(i).type().element() == ScalarType.F32);
    boolean begins = STARTS.containsKey(op.name()) || RESULTS.contains(op.name());
    boolean gives = begins
        && !op.is(LatentOps.FINAL_STEP)
        && op.results().stream().anyMatch(r -> r.type().element() == ScalarType.F32);
    return reads || gives;
  }

  /** The regions of an operation, which give what the operation stands for. */
  private static void inside(Operation op, Rewriter rewriter) {
    boolean remembers = REMEMBERING.contains(op.name());
    if (remembers) {
      // What is remembered is of one kind; it differs only where a rewrite was refused.
      ElementType kind = op.operand(op.operandCount() - 1).type().element();
      for (int i = 0; i + 1 < op.operandCount(); i++) {
        cast(op, i, kind, rewriter);
      }
    }
    for (Region inner : op.regions()) {
      boolean isLoop = op.is(StructureOps.LOOP);
      List<TensorType> given =
          isLoop ? carried(inner) : List.of(op.operand(op.operandCount() - 1).type());
      narrow(inner, given, rewriter);
    }
  }

  /** Types of the carried values of a loop. */
  private static List<TensorType> carried(Region body) {
    return body.arguments().stream().skip(1).map(Value::type).toList();
  }

  /** Results follow their operands. */
  private static void follow(Operation op, Rewriter rewriter) {
    boolean reads = op.operands().stream().anyMatch(v -> v.type().element() == ScalarType.BF16);
    if (!reads
        || RESULTS.contains(op.name())
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
      }
    }
  }

  /** Lets an operation read no narrow values but weights. */
  private static void keepWide(Operation op, Rewriter rewriter) {
    for (int i = 0; i < op.operandCount(); i++) {
      Value value = op.operand(i);
      if (value
          .definingOperation()
          .filter(get -> get.is(StructureOps.WEIGHT_GET))
          .isEmpty()) {
        cast(op, i, ScalarType.F32, rewriter);
      }
    }
  }

  /** Puts a cast in front of an operand that has another kind of float. */
  private static void cast(Operation op, int operand, ElementType kind, Rewriter rewriter) {
    Value value = op.operand(operand);
    ElementType found = value.type().element();
    if (found.equals(kind) || !FLOATS.contains(found) || !FLOATS.contains(kind)) {
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
