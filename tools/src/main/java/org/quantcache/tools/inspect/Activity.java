package org.quantcache.tools.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.QuantOps;

/**
 * Whether a part of the method is in the program as kernels that run, not in its options alone.
 *
 * @param what the part
 * @param operations of it in the program
 * @param launches of kernels that serve them
 * @param kernels their names, in order
 */
public record Activity(String what, int operations, int launches, List<String> kernels) {
  public Activity {
    kernels = ImmutableList.copyOf(kernels);
  }

  /** The parts that a program may have. @param report {@code report.json} of its artifact */
  public static List<Activity> of(IrModule module, JsonNode report) {
    return List.of(
        of("products of whole numbers", QuantOps::isLinear, module, report),
        of(
            "rounding of activations",
            op -> op.name().startsWith("quant.") && !QuantOps.isLinear(op),
            module,
            report),
        of("caches and guards", op -> op.name().startsWith("cache."), module, report),
        of("pruning", op -> op.name().startsWith("prune."), module, report));
  }

  private static Activity of(
      String what, Predicate<Operation> part, IrModule module, JsonNode report) {
    List<Operation> operations = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    module.walk(op -> {
      if (part.test(op)) {
        operations.add(op);
        names.add(op.name());
      }
    });
    int launches = 0;
    Set<String> kernels = new LinkedHashSet<>();
    for (JsonNode function : report.path("launches")) {
      for (JsonNode launch : function) {
        if (names.contains(launch.path("op").asText())) {
          launches++;
          kernels.add(launch.path("kernel").asText());
        }
      }
    }
    return new Activity(what, operations.size(), launches, List.copyOf(kernels));
  }
}
