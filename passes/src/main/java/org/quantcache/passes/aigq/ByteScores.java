package org.quantcache.passes.aigq;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.ops.FusedOps;

/**
 * Scores of attention as products of bytes, as SageAttention (Zhang et al. 2024) has them: keys less their mean over the
 * sequence, which no softmax notices, so that what all of them share takes no bits; values stay floats.
 *
 * <pre>{@code
 *                                                        %k, %s = quant.keys(%qkv, %kn)
 *   %a = fused.attention(%qkv, %qn, %kn)      becomes    %a = fused.keyed_attention(%qkv, %qn, %k, %s)
 * }</pre>
 *
 * <p>Stays away from sequences of fewer keys than share a scale, as those over frames: their scores are too few to pay for
 * the rounding.
 */
final class ByteScores {
  private ByteScores() {}

  static void apply(IrModule module, Rewriter rewriter) {
    List<Operation> found = new ArrayList<>();
    module.walk(op -> {
      if (op.is(FusedOps.ATTENTION)) {
        found.add(op);
      }
    });
    found.forEach(op -> replace(op, rewriter));
  }

  private static void replace(Operation op, Rewriter rewriter) {
    Attributes a = op.attributes();
    Location place = op.location();
    if (op.operand(0).type().size((int) a.integer("axis")) < AttentionOps.KEYS_PER_SCALE) {
      rewriter.reportMissed("ScoresQuantized", place, "its sequences are too short");
      return;
    }
    if (!rewriter.mayRewrite("ScoresQuantized", place)) {
      return;
    }
    List<Value> ofKeys = new ArrayList<>(op.operands());
    List<Value> ofQueries = new ArrayList<>(op.operands());
    if (a.flag("norm")) {
      ofKeys.remove(1);
      ofQueries.remove(2);
    }
    List<Value> keys = rewriter
        .before(op)
        .create(AttentionOps.BYTE_KEYS)
        .operands(ofKeys)
        .attributes(a.without("scale"))
        .at(place)
        .build()
        .results();
    Value out = rewriter
        .create(AttentionOps.KEYED_ATTENTION)
        .operands(ofQueries)
        .operands(keys)
        .attributes(a)
        .at(place)
        .names(op.result().nameHint())
        .result();
    rewriter.replace(op, out);
    rewriter.report("ScoresQuantized", place, Attributes.NONE);
  }
}
