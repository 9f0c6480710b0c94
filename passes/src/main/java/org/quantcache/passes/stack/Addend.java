package org.quantcache.passes.stack;

import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;

/**
 * One residual branch: {@code after = before + p}, where p is what the branch adds after its gate.
 *
 * @param kind of the branch
 * @param operation the one that adds
 * @param before the stream that the branch reads
 * @param after the stream behind it
 */
public record Addend(Kind kind, Operation operation, Value before, Value after) {
  /** Kind of a residual branch; model section 3.1. */
  public enum Kind {
    SPATIAL_ATTENTION,
    TEMPORAL_ATTENTION,
    CROSS_ATTENTION,
    FEED_FORWARD
  }
}
