package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.STRING;
import static org.quantcache.ir.core.OpDef.AttributeKind.STRUCT;

import java.util.List;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Reuse of values over the steps of a loop: hierarchical latent caching, method section 1. */
public final class CacheOps {
  public static final String SLOT = "cache.slot";
  public static final String GUARD = "cache.guard";
  public static final String PROBE = "cache.probe";
  public static final String MEASURED = "cache.measured";
  public static final String BITS = "cache.bits";

  /** Most tensors of history that a guard takes. */
  public static final int MOST_HISTORY = 3;

  private static final long PROBE_SUMS = 4;

  private CacheOps() {}

  static List<OpDef> all() {
    return List.of(
        OpDef.named(
                SLOT,
                "A tensor that keeps its content over the steps of a loop; what it holds before the first write is"
                    + " zero")
            .types(op -> List.of(op.declaredResult()))
            .build(),
        OpDef.named(
                GUARD,
                "cache.guard(step, base, history...): at a computed step the value of its region, and the history takes"
                    + " value - base in front; at another step base + what the history foretells, and nothing of the"
                    + " region runs. One tensor of history is held, two are continued as a line, three as a parabola")
            .operands(3, 2 + MOST_HISTORY)
            .required("name", STRING, "name of the guard in decisions and traces")
            .required(
                "policy",
                STRUCT,
                "when the region is computed: #accumulate<...>, #codebook<...> or #plan<...>")
            .optional(
                "reach",
                FLOAT,
                "how far a line or parabola is followed, in gaps between the last two computed steps; default 1")
            .regions("")
            .types(CacheOps::guard)
            .build(),
        OpDef.named(
                PROBE,
                "cache.probe(value, base?, previous): how far p = value - base [B, T, S, C], or the value itself, has"
                    + " moved since the last time; gives sums over each row of |p - previous|, of |previous|, of |p - p one frame earlier|"
                    + " and of the magnitudes of those pairs, tells them to its guard, then previous := p; paper"
                    + " equation 5. It stands within the region of its guard, or in front of the guard when that one adds"
                    + " up what it measures")
            .operands(2, 3)
            .required("guard", STRING, "the guard that it measures for")
            .types(CacheOps::probe)
            .build(),
        OpDef.named(
                MEASURED,
                "cache.measured(sums): tells the guard what a product with a probe of its own measured: how far its p has"
                    + " moved, without the motion between frames. It stands where a cache.probe would")
            .operands(1)
            .required("guard", STRING, "the guard that it measures for")
            .types(PruneOps::measured)
            .build(),
        OpDef.named(
                BITS,
                "cache.bits: bits that activations take at this computed step of a guard, by the divergence that it"
                    + " knows last; paper equation 8")
            .required(
                "guard",
                STRING,
                "the guard whose divergence counts; it stands around this operation")
            .required("policy", STRUCT, "bits by divergence: #bits<...>")
            .types(CacheOps::bits)
            .build());
  }

  private static List<TensorType> guard(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.I32);
    Shapes.requireRank(op, 0, 0);
    Shapes.requireActivation(op, 1);
    Shapes.requireActivation(op, 2);
    Shapes.requireBroadcastable(op, 1, op.operand(2).dims());
    for (int axis = 1; axis < op.operand(2).rank(); axis++) {
      Shapes.requireDim(op, 1, axis, op.operand(2).dim(axis));
    }
    for (int i = 3; i < op.operands().size(); i++) {
      op.require(
          op.operand(i).equals(op.operand(2)),
          "operand %d must be %s as operand 2, found %s",
          i,
          op.operand(2).text(),
          op.operand(i).text());
    }
    try {
      GuardPolicy.of(op.attributes().get("policy"));
    } catch (IllegalArgumentException e) {
      op.require(false, "%s", e.getMessage());
    }
    requireReach(op);
    return List.of(op.operand(2));
  }

  static void requireReach(Signature op) {
    double reach = op.attributes().real("reach", 1);
    op.require(reach >= 0 && reach <= GuardPolicy.MOST_STEPS, "reach is 0..1000, found %s", reach);
  }

  private static List<TensorType> bits(Signature op) {
    try {
      BitsPolicy.of(op.attributes().get("policy"));
    } catch (IllegalArgumentException e) {
      op.require(false, "%s", e.getMessage());
    }
    return List.of(TensorType.of(ScalarType.I32));
  }

  private static List<TensorType> probe(Signature op) {
    int last = op.operands().size() - 1;
    TensorType previous = op.operand(last);
    Shapes.requireActivation(op, last);
    Shapes.requireRank(op, last, 4);
    Shapes.requireRow(op, last);
    for (int operand = 0; operand < last; operand++) {
      op.require(
          op.operand(operand).equals(previous),
          "operand %d must be %s as operand %d, found %s",
          operand,
          previous.text(),
          last,
          op.operand(operand).text());
    }
    Dim rows = previous.dim(0).times(previous.dim(1)).times(previous.dim(2));
    return List.of(TensorType.of(ScalarType.F32, List.of(rows, Dim.of(PROBE_SUMS))));
  }
}
