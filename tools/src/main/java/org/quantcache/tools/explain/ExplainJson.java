package org.quantcache.tools.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Summaries and explanations as JSON, keys in a fixed order. */
public final class ExplainJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ExplainJson() {}

  /** {@code {"steps", "guards": [...], "layers": [...], "thresholds": [...]}}. */
  public static ObjectNode of(TraceSummary summary) {
    ObjectNode root = JSON.objectNode().put("steps", summary.steps());
    ArrayNode guards = root.putArray("guards");
    for (TraceSummary.GuardRow row : summary.guards()) {
      guards
          .addObject()
          .put("name", row.name())
          .put("computed", row.computed())
          .put("hit_rate", row.hitRate())
          .put("measured", row.measured())
          .put("noise_dominated", row.noiseDominated())
          .put("not_reached", row.notReached());
    }
    ArrayNode layers = root.putArray("layers");
    for (TraceSummary.LayerRow row : summary.layers()) {
      layers
          .addObject()
          .put("kind", row.kind())
          .put("layers", row.layers())
          .put("reached", row.reached())
          .put("left_out", row.pruned());
    }
    ArrayNode thresholds = root.putArray("thresholds");
    summary.cliffs().forEach(cliff -> thresholds.add(of(cliff)));
    return root;
  }

  private static ObjectNode of(Cliff cliff) {
    ObjectNode out = JSON.objectNode()
        .put("of", cliff.of())
        .put("threshold", cliff.threshold())
        .put("value", cliff.value());
    cliff.below().ifPresent(v -> out.put("next_below", v));
    cliff.above().ifPresent(v -> out.put("next_above", v));
    ObjectNode flips = out.putObject("flips_by_percent");
    cliff.flips().forEach((percent, count) -> flips.put(Integer.toString(percent), count));
    return out;
  }

  /** A list of explanations. */
  public static ArrayNode of(List<Explanation> explanations) {
    ArrayNode out = JSON.arrayNode();
    for (Explanation one : explanations) {
      ObjectNode node = out.addObject()
          .put("subject", one.subject())
          .put("step", one.step())
          .put("outcome", one.outcome())
          .put("reason", one.reason());
      ObjectNode inputs = node.putObject("inputs");
      one.inputs().forEach(inputs::put);
      ArrayNode flips = node.putArray("would_change_it");
      one.flips().forEach(flip -> put(flips.addObject(), flip));
    }
    return out;
  }

  private static void put(ObjectNode node, Flip flip) {
    node.put("what", flip.what());
    flip.found().ifPresent(v -> node.put("found", v));
    flip.needed().ifPresent(v -> node.put("needed", v));
    node.put("text", flip.text());
  }
}
