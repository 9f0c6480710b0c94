package org.quantcache.passes.hlc;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.Enclosure;
import org.quantcache.passes.stack.Reuse;

/** A guard that was just put in, with its loop. */
record GuardedRegion(Operation loop, Operation guard) {
  /**
   * Guards everything between {@code base} and the result of {@code last}: what serves nothing but that result moves
   * into the region, so that a hit does none of it.
   */
  static GuardedRegion around(
      Operation loop,
      String name,
      GuardPolicy policy,
      Reuse reuse,
      Value base,
      Operation last,
      Rewriter rewriter) {
    Value result = last.result();
    List<Value> operands = new ArrayList<>(List.of(loop.regions().get(0).argument(0), base));
    for (int i = 0; i < reuse.history(); i++) {
      operands.add(
          Enclosure.slot(loop, name + (i == 0 ? "_cache" : "_cache_" + i), result, rewriter));
    }
    Operation guard = Enclosure.around(
        result,
        rewriter
            .after(last)
            .create(CacheOps.GUARD)
            .operands(operands)
            .attribute("name", Attribute.string(name))
            .attribute("policy", policy.attribute())
            .attribute("reach", Attribute.of(reuse.reach())),
        rewriter);
    return new GuardedRegion(loop, guard);
  }

  /** Lets the guard learn from what {@code addend} adds. */
  void probe(Addend addend, Rewriter rewriter) {
    String name = guard.attributes().string("name");
    Value previous = Enclosure.slot(loop, name + "_probed", addend.after(), rewriter);
    rewriter
        .after(addend.operation())
        .create(CacheOps.PROBE)
        .operands(addend.after(), addend.before(), previous)
        .attribute("guard", Attribute.string(name))
        .at(addend.operation().location())
        .build();
  }
}
