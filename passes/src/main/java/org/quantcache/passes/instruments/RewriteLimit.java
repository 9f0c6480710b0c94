package org.quantcache.passes.instruments;

import org.quantcache.ir.core.Location;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/** Refuses the rewrites of one pass behind a number. */
public final class RewriteLimit implements PassInstrument {
  private final String pass;
  private final long limit;
  private boolean found;

  /**
   * Limits a pass.
   *
   * @param pass its name, which means every run of it, or its number in the pipeline
   * @param limit number of the last rewrite that it may make in a run
   */
  public RewriteLimit(String pass, long limit) {
    this.pass = pass;
    this.limit = limit;
  }

  @Override
  public boolean mayRewrite(
      int number, PassInfo info, long index, String event, Location location) {
    return !concerns(number, info) || index <= limit;
  }

  @Override
  public void next(int number, PassInfo info, String text) {
    found |= concerns(number, info);
  }

  /** Whether the pass has run. */
  public boolean isFound() {
    return found;
  }

  /** Whether a run of a pass is limited. */
  boolean concerns(int number, PassInfo info) {
    return pass.equals(info.name()) || pass.equals(Integer.toString(number));
  }

  /** As {@code pass:limit}. */
  public String text() {
    return text(pass);
  }

  /** The same limit for a pass under another name. */
  String text(String other) {
    return other + ":" + limit;
  }
}
