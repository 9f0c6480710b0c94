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
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.BlockLinear;
import org.quantcache.passes.stack.ResidualStream;

/**
 * Shows values of the block stack: what it adds to the residual stream, as series {@link #STACK}, or what each of its
 * products reads, as series {@link #INPUT} + the key of its weight.
 */
public final class ObservePass implements Pass {
  /** Series of what the stack adds, {@code [B, T, S, C]}. */
  public static final String STACK = "stack";

  /** Beginning of the series of what a product reads, {@code [..., K]}. */
  public static final String INPUT = "input:";

  private static final PassInfo INFO = new PassInfo(
      "observe",
      "show what the block stack adds to whoever follows the loop",
      Numerics.EXACT,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      List.of(OptionSpec.word(
          "values",
          "stack",
          List.of("stack", "inputs"),
          "what is shown: what the stack adds, or what its products read")));

  private final boolean inputs;

  private ObservePass(Options options) {
    this.inputs = options.word("values").equals("inputs");
  }

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
    Loops.forEach(module, loop -> {
      if (inputs) {
        // What lies in front of the loop is shown at the head of its body, in program order.
        Operation head = loop.regions().get(0).operations().get(0);
        BlockLinear.of(module, loop).forEach(linear -> observe(linear, loop, head, rewriter));
      } else {
        observe(loop, rewriter);
      }
    });
  }

  /** What a product in front of the loop reads is shown at every step as well. */
  private static void observe(
      BlockLinear linear, Operation loop, Operation head, Rewriter rewriter) {
    Operation product = linear.operation();
    if (!rewriter.mayRewrite("Observed", product.location())) {
      return;
    }
    Region body = loop.regions().get(0);
    boolean inside = product.parent() == body;
    rewriter
        .before(inside ? product : head)
        .create(StructureOps.OBSERVE)
        .operands(body.argument(0), product.operand(0))
        .attribute("name", Attribute.string(INPUT + linear.key()))
        .at(product.location())
        .build();
    rewriter.report("Observed", product.location(), Attributes.NONE);
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
