package org.quantcache.ir.diff;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;

/**
 * What differs between two modules by structure: names of inner values and of weights and
 * locations do not count, and an operation is
 * the same only when it reads the same values. Readable like a unified diff, with the names of either side.
 *
 * @param lines the differences with a little context; empty when there is none
 * @param countDelta operations by name that are more (positive) or fewer in the second module, in name order
 */
public record IrDiff(List<String> lines, Map<String, Integer> countDelta) {
  public IrDiff {
    lines = ImmutableList.copyOf(lines);
    countDelta = ImmutableSortedMap.copyOf(countDelta);
  }

  /** Compares two modules. */
  public static IrDiff between(IrModule before, IrModule after) {
    List<String> lines = new ArrayList<>();
    if (!before.name().equals(after.name()) || !before.attributes().equals(after.attributes())) {
      lines.add("- module @" + before.name() + " " + before.attributes().text());
      lines.add("+ module @" + after.name() + " " + after.attributes().text());
    }
    section(lines, "globals", globals(before), globals(after), new Correspondence());
    for (Function function : before.functions()) {
      Correspondence correspondence = new Correspondence();
      List<DiffLine> right = List.of();
      Optional<Function> counterpart = after.findFunction(function.name());
      if (counterpart.isPresent()) {
        correspondence.parameters(function, counterpart.get());
        right = FunctionLines.of(after, counterpart.get());
      }
      section(lines, title(function), FunctionLines.of(before, function), right, correspondence);
    }
    for (Function function : after.functions()) {
      if (before.findFunction(function.name()).isEmpty()) {
        section(
            lines,
            title(function),
            List.of(),
            FunctionLines.of(after, function),
            new Correspondence());
      }
    }
    return new IrDiff(lines, delta(before, after));
  }

  /** No difference in structure. */
  public boolean isEmpty() {
    return lines.isEmpty();
  }

  /** The lines, then one line for each operation whose number changed. Empty when nothing differs. */
  public String text() {
    StringBuilder out = new StringBuilder();
    for (String line : lines) {
      out.append(line).append('\n');
    }
    countDelta.forEach((name, count) ->
        out.append(name).append(": ").append(count > 0 ? "+" : "").append(count).append('\n'));
    return out.toString();
  }

  private static String title(Function function) {
    return "func @" + function.name();
  }

  private static List<DiffLine> globals(IrModule module) {
    List<DiffLine> out = new ArrayList<>();
    for (Operation global : module.globals()) {
      String definition = global.name() + " " + global.attributes().text();
      String text = "  " + global.name() + " @" + global.symbol().orElse("") + " "
          + global.attributes().text();
      out.add(new DiffLine(definition, text, Optional.empty()));
    }
    out.sort(Comparator.comparing(DiffLine::key));
    return out;
  }

  private static void section(
      List<String> lines,
      String title,
      List<DiffLine> before,
      List<DiffLine> after,
      Correspondence correspondence) {
    List<String> body = UnifiedLines.of(before, after, correspondence);
    if (!body.isEmpty()) {
      lines.add("@@ " + title + " @@");
      lines.addAll(body);
    }
  }

  private static Map<String, Integer> delta(IrModule before, IrModule after) {
    Map<String, Integer> counts = new TreeMap<>();
    after.walk(operation -> counts.merge(operation.name(), 1, Integer::sum));
    before.walk(operation -> counts.merge(operation.name(), -1, Integer::sum));
    for (Operation operation : after.globals()) {
      counts.merge(operation.name(), 1, Integer::sum);
    }
    for (Operation operation : before.globals()) {
      counts.merge(operation.name(), -1, Integer::sum);
    }
    counts.values().removeIf(count -> count == 0);
    return counts;
  }
}
