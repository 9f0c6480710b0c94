package org.quantcache.passes.observe;

import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.core.Loops;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.ResidualStream;

/** Shows what the block stack adds to the residual stream, as series {@link #STACK}. */
public final class ObservePass implements Pass {
  /** Series of what the stack adds, {@code [B, T, S, C]}. */
  public static final String STACK = "stack";

  private static final PassInfo INFO = new PassInfo(
      "observe",
      "show what the block stack adds to whoever follows the loop",
      Numerics.EXACT,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      List.of());

  private ObservePass(Options options) {}

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, ObservePass::new);
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    Loops.forEach(module, loop -> observe(loop, rewriter));
  }

  private static void observe(Operation loop, Rewriter rewriter) {
    Region body = loop.regions().get(0);
    List<Addend> addends = ResidualStream.require(loop).addends();
    Addend last = addends.get(addends.size() - 1);
    if (!rewriter.mayRewrite("Observed", last.operation().location())) {
      return;
    }
    Value sum = rewriter
        .after(last.operation())
        .create(MathOps.SUB)
        .operands(last.after(), addends.get(0).before())
        .at(last.operation().location())
        .result();
    rewriter
        .after(sum.definingOperation().orElseThrow())
        .create(StructureOps.OBSERVE)
        .operands(body.argument(0), sum)
        .attribute("name", Attribute.string(STACK))
        .at(last.operation().location())
        .build();
    rewriter.report("Observed", last.operation().location(), Attributes.NONE);
  }
}
