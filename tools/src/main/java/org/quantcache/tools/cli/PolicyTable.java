package org.quantcache.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a program decides by at run time and how its products are rounded, from the {@code policy.json} of an artifact. */
final class PolicyTable {
  private final JsonNode policy;

  PolicyTable(JsonNode policy) {
    this.policy = policy;
  }

  void print(PrintWriter out) {
    for (JsonNode guard : policy.path("caching")) {
      JsonNode rule = guard.path("policy");
      out.printf(
          Locale.ROOT,
          "guard %-16s %s, %d values kept%n",
          guard.path("name").asText(),
          rule(rule),
          guard.path("history").asInt());
    }
    Map<String, Integer> products = new TreeMap<>();
    for (JsonNode product : policy.path("quantization")) {
      products.merge(product(product), 1, Integer::sum);
    }
    products.forEach((grid, count) -> out.printf(Locale.ROOT, "%4d products %s%n", count, grid));
    if (!policy.path("pruning").isEmpty()) {
      out.printf(
          Locale.ROOT,
          "%4d layers or branches of them may be left out, %s%n",
          policy.path("pruning").size(),
          pruning(policy.path("pruning")));
    }
  }

  private static String pruning(JsonNode branches) {
    JsonNode rule = branches.path(0).path("policy");
    if (!rule.has("pruned")) {
      return "at a similarity above " + rule.path("tau_high").asText();
    }
    int visits = 0;
    for (JsonNode branch : branches) {
      visits += branch.path("policy").path("pruned").size();
    }
    return visits + " times as planned";
  }

  private static String rule(JsonNode rule) {
    return switch (rule.path("kind").asText()) {
      case "plan" -> plan(rule);
      case "accumulate" ->
        "computes again when changes of its input add up to "
            + rule.path("threshold").asText();
      default -> codebook(rule);
    };
  }

  private static String plan(JsonNode rule) {
    return "computes " + rule.path("computed").size() + " of "
        + rule.path("steps").asInt() + " steps, planned";
  }

  /** Intervals by divergence: {@code 8 steps below 0.05, 4 below 0.1, else 2}. */
  private static String codebook(JsonNode rule) {
    StringBuilder out = new StringBuilder("computes again after ");
    JsonNode bounds = rule.path("bounds");
    JsonNode intervals = rule.path("intervals");
    for (int i = 0; i < bounds.size(); i++) {
      out.append(intervals.path(i).asInt())
          .append(i == 0 ? " steps below " : " below ")
          .append(bounds.path(i).asText())
          .append(", ");
    }
    return out.append(bounds.isEmpty() ? "" : "else ")
        .append(intervals.path(bounds.size()).asInt())
        .append(bounds.isEmpty() ? " steps" : metric(rule.path("metric")))
        .toString();
  }

  /** What changes a divergence beside the change that it measures. */
  private static String metric(JsonNode metric) {
    StringBuilder out = new StringBuilder();
    switch (metric.path("motion").asText()) {
      case "ratio" ->
        out.append(", times the motion over ").append(metric.path("motion_mean").asText());
      case "literal" -> out.append(", times the change of the motion");
      default -> {}
    }
    if (metric.path("noise_floor").asDouble() > 0) {
      out.append(", without noise of ").append(metric.path("noise_floor").asText());
    }
    return out.toString();
  }

  private static String product(JsonNode product) {
    StringBuilder out = new StringBuilder("of ")
        .append(product.path("bits").asInt())
        .append("-bit weights, ")
        .append(product.has("activation_policy") ? "up to " : "")
        .append(product.path("activation_bits").asInt())
        .append("-bit activations");
    if (product.has("hadamard")) {
      out.append(", rotated");
    }
    if (product.has("columns")) {
      out.append(", balanced");
    }
    return product.has("group")
        ? out.append(", groups of ").append(product.path("group").asInt()).toString()
        : out.toString();
  }
}
