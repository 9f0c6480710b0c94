package org.quantcache.passes.hoist;

import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.passes.core.Loops;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;

/** Moves work that is the same in every step in front of the loop; model section 3.10, points 2 and 3. */
public final class HoistPass implements Pass {
  private static final PassInfo INFO = new PassInfo(
      "hoist",
      "move step-invariant work out of the denoising loop",
      Numerics.EXACT,
      List.of(),
      List.of(Stage.PLANNED),
      List.of(),
      List.of());

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, options -> new HoistPass());
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    Loops.forEach(module, loop -> hoist(loop, rewriter));
  }

  private static void hoist(Operation loop, Rewriter rewriter) {
    Region body = loop.regions().get(0);
    for (Operation operation : body.operations()) {
      boolean invariant = operation.definition().has(Trait.PURE)
          && operation.regions().isEmpty()
          && operation.operands().stream().noneMatch(v -> v.region().isInside(body));
      if (invariant && rewriter.mayRewrite("Hoisted", operation.location())) {
        rewriter.moveBefore(operation, loop);
        rewriter.report("Hoisted", operation.location(), Attributes.NONE);
      }
    }
  }
}
