package org.quantcache.tools.explain;

import java.util.List;
import java.util.stream.IntStream;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.explain.Redecision;

/** Explains the decisions of a trace one by one. */
public final class TraceExplainer {
  private final DecisionTrace trace;
  private final Redecision made;

  /** @throws UserError CL0760 when the trace does not say what its decisions rest on, or cannot be decided again */
  public TraceExplainer(DecisionTrace trace) {
    this.trace = trace;
    if (trace.basis().isEmpty()) {
      throw UserError.of(
              "CL0760", "the trace says what was decided, but not by which policies and numbers")
          .withHint("it is a plan, or older than format 2; run again with --trace FILE");
    }
    this.made = Redecision.of(trace);
    if (!made.trace().equals(trace)) {
      throw UserError.of("CL0760", "the decisions of the trace do not follow from its numbers")
          .withHint(
              "it was changed by hand, or its run stopped early; run again with --trace FILE");
    }
  }

  /**
   * Explains one decision.
   *
   * @param name of a guard, or of a layer or branch of one that may be left out
   * @throws UserError CL0761 for a step outside of the loop
   */
  public Explanation at(Subject subject, int step) {
    if (step < 0 || step >= trace.steps()) {
      throw UserError.of("CL0761", "the run has no step %d", step)
          .withHint("its steps are 0..%d", trace.steps() - 1);
    }
    return subject.isGuard()
        ? new GuardExplainer(subject.name(), trace, made.guards().get(subject.name())).at(step)
        : new LayerExplainer(subject.name(), trace, made.layers().get(subject.name())).at(step);
  }

  /** Explains all decisions of a guard or layer. */
  public List<Explanation> all(Subject subject) {
    return IntStream.range(0, trace.steps()).mapToObj(step -> at(subject, step)).toList();
  }

  /** All decisions of a guard or layer, a line for each step. */
  public StepTable table(Subject subject) {
    return subject.isGuard()
        ? StepTable.ofGuard(
            trace.basis().orElseThrow().guards().get(subject.name()).policy(),
            made.guards().get(subject.name()),
            new GuardExplainer(subject.name(), trace, made.guards().get(subject.name())))
        : StepTable.ofLayer(
            made.layers().get(subject.name()),
            new LayerExplainer(subject.name(), trace, made.layers().get(subject.name())));
  }
}
