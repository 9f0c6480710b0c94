package org.quantcache.passes.fold;

import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.RewriteDriver;

/** Simplifies: constants, casts and reshapes of weights, identities, equal values, dead code. */
public final class FoldPass implements Pass {
  private static final PassInfo INFO = new PassInfo(
      "fold",
      "fold constants and casts, share equal values, remove dead code",
      Numerics.EXACT,
      List.of(),
      List.of(Stage.PLANNED),
      List.of(),
      List.of());

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, options -> new FoldPass());
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    long before;
    do {
      before = rewriter.changes();
      RewriteDriver.run(module, rewriter, Canonical.rules());
      CommonValues.merge(module, rewriter);
    } while (rewriter.changes() != before);
  }
}
