package org.quantcache.passes.stack;

import java.util.List;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Consecutive branches of a residual stream that are left out together: one of them, a layer, several layers, or all.
 *
 * @param name of the stretch in decisions and traces
 * @param addends its branches, at least one
 */
public record Stretch(String name, List<Addend> addends) {
  public Stretch {
    addends = List.copyOf(addends);
  }

  /** The stream that the first branch reads. */
  public Value before() {
    return addends.get(0).before();
  }

  /** The last branch. */
  public Addend last() {
    return addends.get(addends.size() - 1);
  }

  /** The stream behind the last branch. */
  public Value after() {
    return last().after();
  }

  /** Makes sure that the stretch can get into a region. @throws UserError PA0506 when part of it is in one already */
  public Stretch requireWhole() {
    Operation first = addends.get(0).operation();
    boolean whole = addends.stream().allMatch(a -> a.operation().parent() == first.parent());
    if (!whole) {
      throw UserError.of(
              "PA0506",
              "'%s' at %s cannot be left out as a whole: guards or branches stand around parts of it",
              name,
              last().operation().location().text())
          .withHint("put wider guards in first: hlc, then hlc{at=...} or srap");
    }
    return this;
  }
}
