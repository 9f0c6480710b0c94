package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.cost.CostReport;
import org.quantcache.ir.diff.IrDiff;

/**
 * What each pass did: {@code [{"number", "pass", "changed", "ms", "rewrites": {event: count}, "missed", "operations":
 * {name: change}, "before": {"once": [FLOP, bytes], "step": [FLOP, bytes]}, "after"}]}.
 */
final class PipelinePanel {
  private static final JsonNodeFactory FACTORY = JsonNodeFactory.instance;

  private PipelinePanel() {}

  /** From the states of a dump. */
  static ArrayNode of(List<Stage> stages, Map<Integer, Double> millis) {
    ArrayNode out = FACTORY.arrayNode();
    for (int i = 1; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      IrModule before = stages.get(i - 1).module();
      ObjectNode one = pass(out, stage.number(), stage.pass(), millis);
      one.put("changed", stage.changed());
      one.set("rewrites", counts(stage.remarks(), "rewrites"));
      one.set("missed", counts(stage.remarks(), "missed"));
      ObjectNode operations = one.putObject("operations");
      if (stage.changed()) {
        IrDiff.between(before, stage.module()).countDelta().forEach(operations::put);
      }
      one.set("before", work(before));
      one.set("after", work(stage.module()));
    }
    return out;
  }

  /** From the report in an artifact. */
  static ArrayNode of(JsonNode report, Map<Integer, Double> millis) {
    ArrayNode out = FACTORY.arrayNode();
    for (JsonNode pass : report.path("passes")) {
      ObjectNode one = pass(out, pass.path("number").asInt(), pass.path("pass").asText(), millis);
      one.put(
          "changed",
          !pass.path("operations").isEmpty() || !pass.path("rewrites").isEmpty());
      one.set("rewrites", pass.path("rewrites"));
      one.set("missed", pass.path("missed"));
      one.set("operations", pass.path("operations"));
      one.set("before", work(pass.path("before")));
      one.set("after", work(pass.path("after")));
    }
    return out;
  }

  private static ObjectNode pass(
      ArrayNode out, int number, String name, Map<Integer, Double> millis) {
    ObjectNode one = out.addObject().put("number", number).put("pass", name);
    if (millis.containsKey(number)) {
      one.put("ms", millis.get(number));
    }
    return one;
  }

  /** A remark with a reason is a chance that was not taken. */
  private static ObjectNode counts(List<JsonNode> remarks, String kind) {
    Map<String, Integer> counts = new TreeMap<>();
    for (JsonNode remark : remarks) {
      if (remark.has("reason") == kind.equals("missed")) {
        counts.merge(remark.path("event").asText(), 1, Integer::sum);
      }
    }
    ObjectNode out = FACTORY.objectNode();
    counts.forEach(out::put);
    return out;
  }

  private static ObjectNode work(IrModule module) {
    Cost once = Cost.ZERO;
    Cost step = Cost.ZERO;
    for (var function : CostReport.of(module, module::bound).functions()) {
      once = once.plus(function.once());
      step = step.plus(function.perStep());
    }
    return work(once.flops(), once.bytes(), step.flops(), step.bytes());
  }

  private static ObjectNode work(JsonNode functions) {
    long[] sums = new long[4];
    for (JsonNode function : functions) {
      add(function.path("once"), sums, 0);
      add(function.path("perStep"), sums, 2);
    }
    return work(sums[0], sums[1], sums[2], sums[3]);
  }

  private static void add(JsonNode cost, long[] sums, int at) {
    sums[at] += cost.path("flops").asLong();
    sums[at + 1] += cost.path("bytesRead").asLong() + cost.path("bytesWritten").asLong();
  }

  private static ObjectNode work(long onceFlops, long onceBytes, long stepFlops, long stepBytes) {
    ObjectNode out = FACTORY.objectNode();
    out.putArray("once").add(onceFlops).add(onceBytes);
    out.putArray("step").add(stepFlops).add(stepBytes);
    return out;
  }
}
