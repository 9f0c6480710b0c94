package org.quantcache.passes.fuse;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.RewriteDriver;
import org.quantcache.passes.core.RewriteRule;
import org.quantcache.passes.fold.Canonical;

/** Merges operations so that one of them is one kernel. */
public final class FusePass implements Pass {
  private static final PassInfo INFO = new PassInfo(
      "fuse",
      "merge norm and modulation, linear and epilogue, attention and what surrounds it",
      Numerics.REASSOCIATES,
      List.of(),
      List.of(Stage.LOWERED),
      List.of(Stage.FUSED),
      List.of(OptionSpec.word(
          "rules",
          "all",
          List.of("all", "needed", "ends"),
          "what is merged: everything, only what the cpu device cannot run otherwise, or the two ends of a step for"
              + " the cuda device")));

  private final String rules;

  private FusePass(Options options) {
    this.rules = options.word("rules");
  }

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, FusePass::new);
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    List<RewriteRule> chosen = new ArrayList<>(Canonical.rules());
    if (rules.equals("ends")) {
      chosen.add(new FusePatchEmbed());
      chosen.add(new FuseFinalStep());
    } else {
      chosen.add(new FuseAttention());
      chosen.add(new FuseCrossAttention());
      if (rules.equals("all")) {
        chosen.add(new FuseNormModulate());
        chosen.add(new FuseGuidedStep());
      }
      chosen.add(new FuseEpilogue(rules.equals("all")));
    }
    RewriteDriver.run(module, rewriter, chosen);
  }
}
