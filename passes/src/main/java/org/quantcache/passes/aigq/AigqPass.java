package org.quantcache.passes.aigq;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.passes.core.DeadCode;
import org.quantcache.passes.core.Loops;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.ResidualStream;

/**
 * Rounds the products of the block stack: weights beforehand, one scale an output; activations when the program runs,
 * one range a token. Embeddings, norms, softmax and the final layer stay floats, and so does work that is done once.
 */
public final class AigqPass implements Pass {
  private static final int BLOCK = 128;

  private static final PassInfo INFO = new PassInfo(
      "aigq",
      "compute the products of the block stack on small whole numbers",
      Numerics.QUANTIZES,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      List.of(
          OptionSpec.word("weights", "8", List.of("4", "6", "8"), "bits of a weight"),
          OptionSpec.word("activations", "8", List.of("4", "6", "8"), "bits of an activation"),
          OptionSpec.word(
              "granularity",
              "token",
              List.of("token", "tensor"),
              "what shares a range of activations; the paper's is the tensor"),
          OptionSpec.flag(
              "rotate", true, "turn channels by a Hadamard transform before they are rounded")));

  private final Grid grid;

  private AigqPass(Options options) {
    this.grid = new Grid(
        (int) options.integer("weights"),
        (int) options.integer("activations"),
        options.word("granularity"),
        options.flag("rotate") ? BLOCK : 0);
  }

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, AigqPass::new);
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    Loops.forEach(module, loop -> quantize(loop, rewriter));
    DeadCode.remove(module, rewriter);
  }

  private void quantize(Operation loop, Rewriter rewriter) {
    Set<Operation> linears = new LinkedHashSet<>();
    for (Addend addend : ResidualStream.require(loop).addends()) {
      linears.addAll(addend.linears());
    }
    for (Operation linear : linears) {
      if (!QuantizedLinear.fits(linear)) {
        rewriter.reportMissed("Quantized", linear.location(), "its weight is not constant");
      } else if (rewriter.mayRewrite("Quantized", linear.location())) {
        QuantizedLinear.replace(linear, grid, rewriter);
        rewriter.report(
            "Quantized",
            linear.location(),
            Attributes.of("weights", Attribute.of(grid.weightBits()))
                .with("activations", Attribute.of(grid.activationBits())));
      }
    }
  }
}
