package org.quantcache.passes.bisect;

import java.util.List;
import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.passes.core.PassInstrument;

/** Says whether what passes made of a module is good. */
public interface Judge {
  /**
   * Looks at the module before any pass.
   *
   * @throws org.quantcache.ir.diagnostics.UserError when this judge can say nothing of it
   */
  default void prepare(IrModule input) {}

  /** What watches the passes and throws when one is wrong. */
  default List<PassInstrument> instruments() {
    return List.of();
  }

  /** What is wrong with the module behind the passes, in one line; empty when it is good. */
  default Optional<String> problem(IrModule module) {
    return Optional.empty();
  }
}
