package org.quantcache.passes.core;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.core.Stage;

/**
 * What the manager must know of a pass.
 *
 * @param name kebab-case name in pipeline text
 * @param summary one line
 * @param numerics what it may do to the numbers
 * @param needs stages that must be reached before
 * @param forbids stages that must not be reached yet
 * @param gives stages that are reached by it
 * @param options what its braces may hold
 */
public record PassInfo(
    String name,
    String summary,
    Numerics numerics,
    List<Stage> needs,
    List<Stage> forbids,
    List<Stage> gives,
    List<OptionSpec> options) {
  public PassInfo {
    needs = ImmutableList.copyOf(needs);
    forbids = ImmutableList.copyOf(forbids);
    gives = ImmutableList.copyOf(gives);
    options = ImmutableList.copyOf(options);
  }

  /** Whether others build on it: a pass that gives a stage cannot be skipped. */
  public boolean required() {
    return !gives.isEmpty();
  }
}
