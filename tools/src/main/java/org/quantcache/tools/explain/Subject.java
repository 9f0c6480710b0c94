package org.quantcache.tools.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.DecisionTrace;

/**
 * What decisions are about.
 *
 * @param name in the trace
 * @param isGuard whether it is a guard; otherwise a layer, or a branch of one, that may be left out
 */
public record Subject(String name, boolean isGuard) {

  /** All guards of a trace. */
  public static List<Subject> guards(DecisionTrace trace) {
    return trace.guards().keySet().stream().map(name -> new Subject(name, true)).toList();
  }

  /** A guard. @throws UserError CL0761 that lists what there is */
  public static Subject guard(DecisionTrace trace, String name) {
    if (!trace.guards().containsKey(name)) {
      throw unknown("guard", name, trace);
    }
    return new Subject(name, true);
  }

  /**
   * A layer that may be left out, its branches where only those may be, or the guards that stand around it alone.
   *
   * @throws UserError CL0761 that lists what there is
   */
  public static List<Subject> layer(DecisionTrace trace, String name) {
    List<Subject> out = new ArrayList<>();
    matching(trace.layers().keySet(), name).forEach(layer -> out.add(new Subject(layer, false)));
    matching(trace.guards().keySet(), name).forEach(guard -> out.add(new Subject(guard, true)));
    if (out.isEmpty()) {
      throw unknown("layer", name, trace);
    }
    return out;
  }

  private static List<String> matching(Set<String> names, String wanted) {
    return names.contains(wanted)
        ? List.of(wanted)
        : names.stream().filter(name -> name.startsWith(wanted + ".")).toList();
  }

  private static UserError unknown(String what, String name, DecisionTrace trace) {
    return UserError.of("CL0761", "the trace has no decisions of %s '%s'", what, name)
        .withHint(
            "it has guards %s and layers %s; a layer that is not among them is computed whenever"
                + " the guard around it computes",
            trace.guards().keySet(), trace.layers().keySet());
  }
}
