package org.quantcache.passes.hlc;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.passes.stack.Addend;

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
      operands.add(slot(loop, name + (i == 0 ? "_cache" : "_cache_" + i), result, rewriter));
    }
    Operation guard = rewriter
        .after(last)
        .create(CacheOps.GUARD)
        .operands(operands)
        .attribute("name", Attribute.string(name))
        .attribute("policy", policy.attribute())
        .attribute("reach", Attribute.of(reuse.reach()))
        .at(last.location())
        .region(
            List.of(),
            List.of(),
            (inner, none) -> inner.create(StructureOps.YIELD).operands(result).build())
        .names(result.nameHint())
        .build();
    Operation yield = guard.regions().get(0).terminator();
    rewriter.replaceUses(result, guard.result());
    rewriter.setOperand(yield, 0, result);
    sink(loop.regions().get(0), guard, rewriter);
    return new GuardedRegion(loop, guard);
  }

  /** Lets the guard learn from what {@code addend} adds. */
  void probe(Addend addend, Rewriter rewriter) {
    String name = guard.attributes().string("name");
    Value previous = slot(loop, name + "_probed", addend.after(), rewriter);
    rewriter
        .after(addend.operation())
        .create(CacheOps.PROBE)
        .operands(addend.after(), addend.before(), previous)
        .attribute("guard", Attribute.string(name))
        .at(addend.operation().location())
        .build();
  }

  private static Value slot(Operation loop, String name, Value like, Rewriter rewriter) {
    return rewriter
        .before(loop)
        .create(CacheOps.SLOT)
        .types(like.type())
        .at(loop.location())
        .names(name)
        .result();
  }

  private static void sink(Region body, Operation guard, Rewriter rewriter) {
    Region inside = guard.regions().get(0);
    List<Operation> operations = body.operations();
    for (int i = operations.indexOf(guard) - 1; i >= 0; i--) {
      Operation operation = operations.get(i);
      boolean serves = operation.definition().has(Trait.PURE)
          && operation.results().stream()
              .flatMap(r -> r.uses().stream())
              .allMatch(user -> user.parent().isInside(inside));
      if (serves) {
        rewriter.moveBefore(operation, inside.operations().get(0));
      }
    }
  }
}
