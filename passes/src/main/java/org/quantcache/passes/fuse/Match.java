package org.quantcache.passes.fuse;

import java.util.Optional;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;

/** Shared questions of the fusion rules. */
final class Match {
  private Match() {}

  /** The operation of this kind that computes {@code value}. */
  static Optional<Operation> definition(Value value, String name) {
    return value.definingOperation().filter(op -> op.is(name));
  }

  /** The same, when nobody else reads the value, and not in a loop that the operation stands in front of. */
  static Optional<Operation> single(Value value, String name) {
    return value.hasOneUse()
        ? definition(value, name)
            .filter(op -> op.parent() == value.uses().get(0).parent())
        : Optional.empty();
  }
}
