package org.quantcache.ir.cost;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.quantcache.ir.core.IrModule;

/**
 * Work of a module: a multiply-add is 2 FLOP, bytes are what kernels that keep nothing between them must move. The
 * accessors are plain values, so the record goes to JSON as it is.
 *
 * @param functions one entry for each function, in order
 */
public record CostReport(List<FunctionCost> functions) {
  public CostReport {
    functions = ImmutableList.copyOf(functions);
  }

  /**
   * Adds up the module for given values of the symbolic sizes.
   *
   * @param symbols value of a symbolic size; {@code module::bound} gives the upper bound of the work
   */
  public static CostReport of(IrModule module, ToLongFunction<String> symbols) {
    return new CostReport(module.functions().stream()
        .map(function -> FunctionCost.of(function, symbols))
        .toList());
  }

  /** The entry of a function. @throws IllegalArgumentException when there is none of this name */
  public FunctionCost function(String name) {
    return functions.stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no function @" + name));
  }
}
