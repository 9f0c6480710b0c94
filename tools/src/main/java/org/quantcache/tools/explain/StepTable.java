package org.quantcache.tools.explain;

import com.google.common.collect.ImmutableList;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.kernels.cache.GuardInputs;
import org.quantcache.kernels.explain.GuardStep;
import org.quantcache.kernels.explain.LayerStep;
import org.quantcache.kernels.prune.LayerInputs;

/**
 * All decisions about one thing, a line for each step.
 *
 * @param header names of the columns; the last one is of any width
 * @param rows cells by step
 */
public record StepTable(List<String> header, List<List<String>> rows) {
  private static final String LINE = "%5s  %-12s %10s %10s %8s  %s%n";

  public StepTable {
    header = ImmutableList.copyOf(header);
    rows = ImmutableList.copyOf(rows);
  }

  static StepTable ofGuard(GuardPolicy policy, List<GuardStep> steps, GuardExplainer explainer) {
    return new StepTable(
        List.of("step", "decision", "D", "next", "age", "why"),
        steps.stream().map(step -> guard(policy, step, explainer)).toList());
  }

  private static List<String> guard(GuardPolicy policy, GuardStep step, GuardExplainer explainer) {
    Optional<GuardInputs> in = step.inputs();
    return List.of(
        Integer.toString(step.step()),
        in.isEmpty() ? "not reached" : step.computed() ? "computed" : "reused",
        in.map(i -> Numbers.of(i.divergence())).orElse("-"),
        in.filter(i -> i.divergence().isPresent())
            .map(i -> Long.toString(i.next(policy)))
            .orElse("-"),
        in.filter(i -> i.lastComputed() >= 0)
            .map(i -> Integer.toString(i.age()))
            .orElse("-"),
        explainer.reason(step));
  }

  static StepTable ofLayer(List<LayerStep> steps, LayerExplainer explainer) {
    return new StepTable(
        List.of("step", "decision", "S", "V", "in a row", "why"),
        steps.stream().map(step -> layer(step, explainer)).toList());
  }

  private static List<String> layer(LayerStep step, LayerExplainer explainer) {
    Optional<LayerInputs> in = step.inputs();
    return List.of(
        Integer.toString(step.step()),
        LayerExplainer.outcome(step),
        in.map(i -> Numbers.of(i.similarity())).orElse("-"),
        in.map(i -> Numbers.of(i.variation())).orElse("-"),
        in.map(i -> Long.toString(i.prunedInARow())).orElse("-"),
        explainer.reason(step));
  }

  /** The table as text. */
  public void print(PrintWriter out) {
    out.printf(Locale.ROOT, LINE, header.toArray());
    rows.forEach(row -> out.printf(Locale.ROOT, LINE, row.toArray()));
  }
}
