package org.quantcache.passes.core;

import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;

/** One local rewrite. */
@FunctionalInterface
public interface RewriteRule {
  /**
   * Rewrites {@code root} if the rule fits.
   *
   * @return whether anything was changed; {@code root} may be gone afterwards
   */
  boolean apply(Operation root, Rewriter rewriter);
}
