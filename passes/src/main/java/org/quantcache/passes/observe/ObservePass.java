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
 * Shows values of the block stack: what it adds to the residual stream, as series {@link #STACK}, what the branch adds
 * that guards measure by default, as series {@link #PROBE}, or what each product reads, as series {@link #INPUT} + the key
 * of its weight.
 */
public final class ObservePass implements Pass {
  /** Series of what the stack adds, {@code [B, T, S, C]}. */
  public static final String STACK = "stack";

  /** Series of what the attention over frames at half depth adds, {@code [B, T, S, C]}. */
  public static final String PROBE = "probe";

  /** Beginning of the series of what a product reads, {@code [..., K]}. */
  public static final String INPUT = "input:";

  private static final String INPUTS = "inputs";

  private static final PassInfo INFO = new PassInfo(
      "observe",
      "show what the block stack adds to whoever follows the loop",
      Numerics.EXACT,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      List.of(
          OptionSpec.word(
              "values",
              STACK,
              List.of(STACK, PROBE, INPUTS),
              "what is shown: what the stack adds, what the default probe of guards adds, or what products read")));

  private final String values;

  private ObservePass(Options options) {
    this.values = options.word("values");
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
      switch (values) {
        case INPUTS -> observeInputs(module, loop, rewriter);
        case PROBE -> observeProbe(loop, rewriter);
        default -> {
          List<Addend> addends = ResidualStream.require(loop).addends();
          observe(loop, STACK, addends.get(0), addends.get(addends.size() - 1), rewriter);
        }
      }
    });
  }

  private static void observeInputs(IrModule module, Operation loop, Rewriter rewriter) {
    // What lies in front of the loop is shown at the head of its body, in program order.
    Operation head = loop.regions().get(0).operations().get(0);
    BlockLinear.of(module, ResidualStream.require(loop))
        .forEach(linear -> observe(linear, loop, head, rewriter));
  }

  private static void observeProbe(Operation loop, Rewriter rewriter) {
    ResidualStream stream = ResidualStream.require(loop);
    List<Addend> candidates = stream.of(Addend.Kind.TEMPORAL_ATTENTION);
    if (candidates.isEmpty()) {
      rewriter.reportMissed("Observed", loop.location(), "it has no attention over frames");
      return;
    }
    Addend probed = candidates.get(stream.half(Addend.Kind.TEMPORAL_ATTENTION));
    if (probed.before().type().equals(probed.after().type())) {
      observe(loop, PROBE, probed, probed, rewriter);
    } else {
      rewriter.reportMissed(
          "Observed", probed.operation().location(), "both guidance halves share what it reads");
    }
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

  /** Shows what a run of branches adds. */
  private static void observe(
      Operation loop, String series, Addend first, Addend last, Rewriter rewriter) {
    Region body = loop.regions().get(0);
    if (!rewriter.mayRewrite("Observed", last.operation().location())) {
      return;
    }
    Value sum = rewriter
        .after(last.operation())
        .create(MathOps.SUB)
        .operands(last.after(), first.before())
        .at(last.operation().location())
        .result();
    rewriter
        .after(sum.definingOperation().orElseThrow())
        .create(StructureOps.OBSERVE)
        .operands(body.argument(0), sum)
        .attribute("name", Attribute.string(series))
        .at(last.operation().location())
        .build();
    rewriter.report("Observed", last.operation().location(), Attributes.NONE);
  }
}
