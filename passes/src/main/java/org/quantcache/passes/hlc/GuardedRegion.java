package org.quantcache.passes.hlc;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.passes.stack.Enclosure;
import org.quantcache.passes.stack.Reuse;
import org.quantcache.passes.stack.Stretch;

/** A guard that was just put in, with its loop. */
record GuardedRegion(Operation loop, Operation guard) {
  /**
   * Guards a stretch: what serves nothing but its result moves into the region, so that a hit does none of it.
   */
  static GuardedRegion around(
      Operation loop, Stretch stretch, GuardPolicy policy, Reuse reuse, Rewriter rewriter) {
    String name = stretch.name();
    Value result = stretch.after();
    List<Value> operands =
        new ArrayList<>(List.of(loop.regions().get(0).argument(0), stretch.before()));
    for (int i = 0; i < reuse.history(); i++) {
      operands.add(slot(loop, name, i == 0 ? "_cache" : "_cache_" + i, result, rewriter));
    }
    Operation guard = Enclosure.around(
        result,
        rewriter
            .after(stretch.last().operation())
            .create(CacheOps.GUARD)
            .operands(operands)
            .attribute("name", Attribute.string(name))
            .attribute("policy", policy.attribute())
            .attribute("reach", Attribute.of(reuse.reach())),
        rewriter);
    return new GuardedRegion(loop, guard);
  }

  /** Lets the guard learn from what a stretch adds. */
  void probe(Stretch probed, Rewriter rewriter) {
    String name = guard.attributes().string("name");
    Value previous = slot(loop, name, "_probed", probed.after(), rewriter);
    rewriter
        .after(probed.last().operation())
        .create(CacheOps.PROBE)
        .operands(probed.after(), probed.before(), previous)
        .attribute("guard", Attribute.string(name))
        .at(probed.last().operation().location())
        .build();
  }

  /** A tensor that the guard keeps, named after it. */
  static Value slot(Operation loop, String guard, String use, Value like, Rewriter rewriter) {
    return Enclosure.slot(loop, guard.replaceAll("[^a-z0-9]", "_") + use, like, rewriter);
  }
}
