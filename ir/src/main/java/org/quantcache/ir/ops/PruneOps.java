package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.INT;
import static org.quantcache.ir.core.OpDef.AttributeKind.STRING;
import static org.quantcache.ir.core.OpDef.AttributeKind.STRUCT;
import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Leaving layers out of a step: structural redundancy-aware pruning, method section 3. */
public final class PruneOps {
  public static final String BRANCH = "prune.branch";
  public static final String PROBE = "prune.probe";
  public static final String MEASURED = "prune.measured";

  /** Measure of a {@code prune.probe}: how alike two layers are, or how far one has moved. */
  public static final String SIMILARITY = "similarity";

  /** The other measure of a {@code prune.probe}. */
  public static final String VARIATION = "variation";

  /** Sums of a {@code prune.probe} over one row. */
  public static final int PROBE_SUMS = 5;

  private static final List<String> PARTS = List.of("attention", "cross", "feed_forward");

  private PruneOps() {}

  /** Name of a {@code prune.branch} in plans, decisions and traces: {@code spatial.2}, {@code spatial.2.cross}. */
  public static String branchName(Attributes branch) {
    String layer = layerName(branch.string("kind"), branch.integer("layer"));
    return branch.has("part") ? layer + "." + branch.word("part").replace('_', '-') : layer;
  }

  /** Name of a whole layer: {@code spatial.2}. */
  public static String layerName(String kind, long layer) {
    return kind + "." + layer;
  }

  static List<OpDef> all() {
    return List.of(
        OpDef.named(
                BRANCH,
                "prune.branch(step, base, history...): the value of its region, and the history takes value - base in"
                    + " front; or, where the layer is left out, base + what the history foretells, without history the"
                    + " base itself, and nothing of the region runs")
            .operands(2, 2 + CacheOps.MOST_HISTORY)
            .required("kind", STRING, "layers of one kind are compared with each other")
            .required("layer", INT, "number of the layer within its kind")
            .optional(
                "part",
                WORD,
                "branch of the layer that is left out alone: attention, cross or feed_forward; without it, the whole layer")
            .required("policy", STRUCT, "when the layer is left out: #prune<...> or #visits<...>")
            .optional("reach", FLOAT, "as in cache.guard; default 1")
            .regions("")
            .types(PruneOps::branch)
            .build(),
        OpDef.named(
                PROBE,
                "prune.probe(value, base?, held): compares p = value - base, or value where there is no base, repeated"
                    + " along the first axis, with what is held; gives sums over each row of p * held, of p * p, of held * held, of |p - held| and of"
                    + " |held|, tells them to the layers of its kind, then held := p; paper equations 9 and 11")
            .operands(2, 3)
            .required("kind", STRING, "kind of the layer that is measured")
            .required("layer", INT, "number of the layer within its kind")
            .required(
                "measure",
                WORD,
                "similarity: held is the value of the layer before; variation: that of the last computed step")
            .types(PruneOps::probe)
            .build(),
        OpDef.named(
                MEASURED,
                "prune.measured(sums): tells the layers of its kind what a product with a probe of its own measured, as a"
                    + " prune.probe would")
            .operands(1)
            .required("kind", STRING, "kind of the layer that is measured")
            .required("layer", INT, "number of the layer within its kind")
            .required("measure", WORD, "similarity or variation, as of prune.probe")
            .types(op -> {
              requireLayer(op);
              requireMeasure(op);
              return measured(op);
            })
            .build());
  }

  /** Sums that a product measured; nothing comes of them but decisions. */
  static List<TensorType> measured(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.F32);
    Shapes.requireRank(op, 0, 2);
    Shapes.requireDim(op, 0, 1, Dim.of(PROBE_SUMS));
    return List.of();
  }

  private static List<TensorType> branch(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.I32);
    Shapes.requireRank(op, 0, 0);
    Shapes.requireActivation(op, 1);
    for (int i = 2; i < op.operands().size(); i++) {
      op.require(
          op.operand(i).equals(op.operand(1)),
          "operand %d must be %s as operand 1, found %s",
          i,
          op.operand(1).text(),
          op.operand(i).text());
    }
    CacheOps.requireReach(op);
    requireLayer(op);
    if (op.attributes().has("part")) {
      String part = op.attributes().word("part");
      op.require(PARTS.contains(part), "part is one of %s, found %s", PARTS, part);
    }
    try {
      PrunePolicy.of(op.attributes().get("policy"));
    } catch (IllegalArgumentException e) {
      op.require(false, "%s", e.getMessage());
    }
    return List.of(op.operand(1));
  }

  private static List<TensorType> probe(Signature op) {
    int last = op.operands().size() - 1;
    TensorType held = op.operand(last);
    Shapes.requireActivation(op, last);
    Shapes.requireRow(op, last);
    op.require(held.rank() >= 1, "operand %d needs at least one axis", last);
    for (int operand = 0; operand < last; operand++) {
      Shapes.requireActivation(op, operand);
      Shapes.requireBroadcastable(op, operand, held.dims());
      for (int axis = 1; axis < held.rank(); axis++) {
        Shapes.requireDim(op, operand, axis, held.dim(axis));
      }
    }
    requireLayer(op);
    requireMeasure(op);
    Dim rows = Dim.of(1);
    for (int axis = 0; axis < held.rank() - 1; axis++) {
      rows = rows.times(held.dim(axis));
    }
    return List.of(TensorType.of(ScalarType.F32, List.of(rows, Dim.of(PROBE_SUMS))));
  }

  private static void requireMeasure(Signature op) {
    String measure = op.attributes().word("measure");
    op.require(
        measure.equals(SIMILARITY) || measure.equals(VARIATION),
        "measure is similarity or variation, found %s",
        measure);
  }

  private static void requireLayer(Signature op) {
    long layer = op.attributes().integer("layer");
    op.require(
        layer >= 0 && layer <= Integer.MAX_VALUE, "a layer is counted from 0, found %d", layer);
  }
}
