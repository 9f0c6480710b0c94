package org.quantcache.tools.report.graph;

import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;

/** Names of operations with regions, as decisions and traces name them. */
public final class RegionName {
  private RegionName() {}

  /** {@code cache.guard stack}, {@code prune.branch temporal.1.feed-forward}, or the operation's name. */
  static String of(Operation operation) {
    return (operation.name() + " " + decided(operation)).strip();
  }

  /** The name in traces: {@code stack}, {@code temporal.1.feed-forward}; empty for what decides nothing. */
  public static String decided(Operation operation) {
    Attributes attributes = operation.attributes();
    if (operation.is(CacheOps.GUARD)) {
      return attributes.string("name");
    }
    if (operation.is(PruneOps.BRANCH)) {
      String part = attributes.word("part", "");
      return attributes.string("kind") + "." + attributes.integer("layer")
          + (part.isEmpty() ? "" : "." + part.replace('_', '-'));
    }
    return "";
  }
}
