package org.quantcache.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Work of one function as text: what every pass made of it, and its operations by name. */
final class WorkTable {
  private final String function;
  private final JsonNode before;
  private final JsonNode after;
  private final JsonNode passes;

  private WorkTable(String function, JsonNode before, JsonNode after, JsonNode passes) {
    this.function = function;
    this.before = before;
    this.after = after;
    this.passes = passes;
  }

  /** A function as it stands. */
  static WorkTable of(JsonNode cost) {
    return new WorkTable(cost.path("name").asText(), cost, null, null);
  }

  /** A function before, between and after the passes, out of an artifact's report. */
  static WorkTable of(JsonNode report, String function) {
    return new WorkTable(
        function,
        cost(report, "imported", function),
        cost(report, "compiled", function),
        report.path("passes"));
  }

  private static JsonNode cost(JsonNode report, String when, String function) {
    for (JsonNode one : report.path(when).path("functions")) {
      if (one.path("name").asText().equals(function)) {
        return one;
      }
    }
    return report.path("no such function");
  }

  void print(PrintWriter out) {
    out.printf(
        "%n  %-24s %12s %12s %12s %12s%n",
        "work of @" + function, "once GFLOP", "MB moved", "step GFLOP", "MB moved");
    out.println(work(after == null ? "" : "as imported", before));
    if (passes != null) {
      for (JsonNode pass : passes) {
        JsonNode work = pass.path("after").path(function);
        if (!work.equals(pass.path("before").path(function))) {
          out.println(
              work(pass.path("number").asText() + " " + pass.path("pass").asText(), work) + "   "
                  + rewrites(pass.path("rewrites")));
        }
      }
    }
    operations(out);
  }

  private static String work(String name, JsonNode work) {
    return String.format(
        Locale.ROOT,
        "  %-24s %12.3f %12.2f %12.3f %12.2f",
        name,
        giga(work.path("once")),
        megabytes(work.path("once")),
        giga(work.path("perStep")),
        megabytes(work.path("perStep")));
  }

  private static double giga(JsonNode cost) {
    return cost.path("flops").asLong() / 1e9;
  }

  private static double megabytes(JsonNode cost) {
    return (cost.path("bytesRead").asLong() + cost.path("bytesWritten").asLong()) / 1e6;
  }

  private static String rewrites(JsonNode counts) {
    return counts.properties().stream()
        .map(e -> e.getKey() + " " + e.getValue().asText())
        .collect(Collectors.joining(", "));
  }

  private void operations(PrintWriter out) {
    out.printf(
        "%n  %-24s %12s %12s%s%n",
        "operations", "once", "per step", after == null ? "" : "    as compiled");
    Map<String, List<Long>> counts = new LinkedHashMap<>();
    collect(before, counts, 0);
    if (after != null) {
      collect(after, counts, 2);
    }
    counts.forEach((name, n) -> out.printf(
        "  %-24s %12d %12d%s%n",
        name, n.get(0), n.get(1), after == null ? "" : "    " + n.get(2) + " / " + n.get(3)));
  }

  private static void collect(JsonNode cost, Map<String, List<Long>> counts, int at) {
    for (JsonNode operation : cost.path("operations")) {
      List<Long> row = counts.computeIfAbsent(
          operation.path("name").asText(), n -> new ArrayList<>(List.of(0L, 0L, 0L, 0L)));
      row.set(at, operation.path("onceCount").asLong());
      row.set(at + 1, operation.path("stepCount").asLong());
    }
  }
}
