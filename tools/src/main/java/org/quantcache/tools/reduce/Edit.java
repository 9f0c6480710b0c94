package org.quantcache.tools.reduce;

import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Rewriter;

/** A way to make a module smaller, at many places. */
interface Edit {
  /** In words, for progress. */
  String name();

  /** Places of a module where it can be made, in an order that the module alone decides. */
  int places(IrModule module);

  /**
   * Makes it at some places.
   *
   * @param rewriter of the module, which may be left in any state when it throws
   * @param places numbers, rising
   * @throws RuntimeException when the module does not allow it
   */
  void apply(Rewriter rewriter, List<Integer> places);
}
