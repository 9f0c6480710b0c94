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

  /** The same, when nobody else reads the value. */
  static Optional<Operation> single(Value value, String name) {
    return value.hasOneUse() ? definition(value, name) : Optional.empty();
  }
}
