package org.quantcache.passes.core;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;

/** Applies rules in sweeps over the module until none of them fits, removing dead operations in between. */
public final class RewriteDriver {
  private static final int MAX_SWEEPS = 1000;

  private RewriteDriver() {}

  /** @throws IllegalStateException when the rules do not come to an end */
  public static void run(IrModule module, Rewriter rewriter, List<RewriteRule> rules) {
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      DeadCode.remove(module, rewriter);
      if (!sweep(module, rewriter, rules)) {
        return;
      }
    }
    throw new IllegalStateException("rules still fire after " + MAX_SWEEPS + " sweeps");
  }

  private static boolean sweep(IrModule module, Rewriter rewriter, List<RewriteRule> rules) {
    boolean changed = false;
    for (Function function : module.functions()) {
      List<Operation> operations = new ArrayList<>();
      function.body().walk(operations::add);
      for (Operation operation : operations) {
        for (RewriteRule rule : rules) {
          // A rule may have erased this operation on behalf of another one.
          if (operation.parent() == null) {
            break;
          }
          changed |= rule.apply(operation, rewriter);
        }
      }
    }
    return changed;
  }
}
