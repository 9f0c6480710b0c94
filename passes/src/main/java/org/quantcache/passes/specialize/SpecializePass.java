package org.quantcache.passes.specialize;

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

/** Drops work that the program at hand does not need; model section 3.10, points 1, 4 and 5. */
public final class SpecializePass implements Pass {
  private static final PassInfo INFO = new PassInfo(
      "specialize",
      "drop an all-true frame mask, share the guidance halves, drop dead output channels",
      Numerics.EXACT,
      List.of(),
      List.of(Stage.FUSED),
      List.of(),
      List.of(
          OptionSpec.word(
              "frame-mask",
              "keep",
              List.of("keep", "all-true"),
              "what to assume of a frame mask that is a parameter"),
          OptionSpec.flag("share-halves", true, "compute once what both guidance halves share"),
          OptionSpec.flag(
              "dead-channels", true, "compute only the output channels that are read")));

  private final Options options;

  private SpecializePass(Options options) {
    this.options = options;
  }

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, SpecializePass::new);
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    if (options.word("frame-mask").equals("all-true")) {
      FrameMaskRules.assumeAllTrue(module, rewriter);
    }
    RewriteDriver.run(module, rewriter, Canonical.rules());
    RewriteDriver.run(module, rewriter, FrameMaskRules.selectFirst());
    List<RewriteRule> rules = new ArrayList<>(Canonical.rules());
    if (options.flag("share-halves")) {
      rules.addAll(SharedHalves.rules());
    }
    if (options.flag("dead-channels")) {
      rules.addAll(DeadChannels.rules());
    }
    RewriteDriver.run(module, rewriter, rules);
  }
}
