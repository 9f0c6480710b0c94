package org.quantcache.passes.hlc;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.passes.stack.Stretch;

/** What guards learn from. */
final class GuardProbe {
  private GuardProbe() {}

  /** Lets a guard learn from what a stretch adds; the probe stands behind it. */
  static void ofAddend(Operation loop, String guard, Stretch probed, Rewriter rewriter) {
    Operation last = probed.last().operation();
    measure(loop, guard, last, List.of(probed.after(), probed.before()), rewriter);
  }

  /** Lets the guard of a stretch learn from what the stretch reads, modulated; the probe stands in front of it. */
  static void ofInput(Operation loop, Stretch stretch, Rewriter rewriter) {
    Value input = stretch.before();
    for (Operation user : stretch.before().uses()) {
      boolean reads = user.operandCount() > 0 && user.operand(0) == stretch.before();
      if (reads && user.is(FusedOps.NORM_MODULATE)) {
        input = user.result();
        break;
      }
      if (reads && user.is(QuantOps.ROWS) && QuantOps.prologueOperands(user.attributes()) > 0) {
        // Quantization has taken the norm in: it is made once more, for the probe alone.
        input = rewriter
            .before(user)
            .create(FusedOps.NORM_MODULATE)
            .operands(user.operand(0), user.operand(1), user.operand(2))
            .attribute("epsilon", user.attributes().get("epsilon"))
            .at(user.location())
            .result();
        break;
      }
    }
    Operation behind = input.definingOperation().orElseThrow();
    measure(loop, stretch.name(), behind, List.of(input), rewriter);
  }

  private static void measure(
      Operation loop, String guard, Operation behind, List<Value> measured, Rewriter rewriter) {
    List<Value> operands = new ArrayList<>(measured);
    operands.add(GuardedRegion.slot(loop, guard, "_probed", measured.get(0), rewriter));
    rewriter
        .after(behind)
        .create(CacheOps.PROBE)
        .operands(operands)
        .attribute("guard", Attribute.string(guard))
        .at(behind.location())
        .build();
  }
}
