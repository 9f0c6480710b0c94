package org.quantcache.passes.lower;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.passes.core.RewriteRule;

/**
 * Keys of long sequences are normed and rotated once, not by every block of queries:
 *
 * <pre>{@code
 *                                                        %k = fused.keys(%qkv, %kn)
 *   %a = fused.attention(%qkv, %qn, %kn)      becomes    %a = fused.keyed_attention(%qkv, %qn, %k)
 * }</pre>
 *
 * <p>Does not fire for shorter sequences, or where keys are neither normed nor rotated. Queries belong to one block each.
 */
final class SeparateKeys implements RewriteRule {
  /**
   * Each block of 128 queries spends 21 instructions of a warp on a key of 72 channels, counted in machine code for sm_80; a
   * tensor of its own costs that key 288 bytes. By the data sheets of data center cards, at four instructions a clock, the
   * two are equal at the fifth block or before; on cards with slower memory between the ninth and the twenty-third. So it
   * pays from 8 blocks on. Sequences of frames have one block.
   */
  private static final long LONG = 8 * 128;

  @Override
  public boolean apply(Operation op, Rewriter rewriter) {
    if (!op.is(FusedOps.ATTENTION)) {
      return false;
    }
    Attributes a = op.attributes();
    long length = op.operand(0).type().size((int) a.integer("axis"));
    Location place = op.location();
    if (length < LONG
        || !(a.flag("norm") || a.flag("rope"))
        || !rewriter.mayRewrite("KeysSeparated", place)) {
      return false;
    }
    List<Value> ofKeys = new ArrayList<>(op.operands());
    List<Value> ofQueries = new ArrayList<>(op.operands());
    if (a.flag("norm")) {
      ofKeys.remove(1);
      ofQueries.remove(2);
    }
    Value keys = rewriter
        .before(op)
        .create(AttentionOps.KEYS)
        .operands(ofKeys)
        .attributes(a.without("scale"))
        .at(place)
        .result();
    Value out = rewriter
        .create(AttentionOps.KEYED_ATTENTION)
        .operands(ofQueries)
        .operands(keys)
        .attributes(a)
        .at(place)
        .names(op.result().nameHint())
        .result();
    rewriter.replace(op, out);
    rewriter.report("KeysSeparated", place, Attributes.NONE);
    return true;
  }
}
