package org.quantcache.kernels.cache;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes the JSON of a trace; {@link TraceFile} shows its form. */
final class TraceWriter {
  private final DecisionTrace trace;

  TraceWriter(DecisionTrace trace) {
    this.trace = trace;
  }

  ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("format", TraceFile.FORMAT);
    trace
        .basis()
        .ifPresent(basis -> root.put("decisions", basis.mode().name().toLowerCase(Locale.ROOT)));
    root.put("steps", trace.steps());
    ObjectNode guards = root.putObject("guards");
    trace.guards().forEach((name, decisions) -> {
      ObjectNode guard = guards.putObject(name);
      Optional<GuardBasis> basis = trace.basis().map(all -> all.guards().get(name));
      basis.ifPresent(b -> putPolicy(guard, b));
      put(guard, decisions);
      basis.ifPresent(b -> putMeasured(guard, b));
    });
    if (!trace.layers().isEmpty()) {
      ObjectNode layers = root.putObject("layers");
      trace.layers().forEach((name, decisions) -> {
        ObjectNode layer = layers.putObject(name);
        trace.basis().map(all -> all.layers().get(name)).ifPresent(rule -> putRule(layer, rule));
        putLayer(layer, decisions);
      });
    }
    return root;
  }

  private static void putPolicy(ObjectNode guard, GuardBasis basis) {
    guard.put("policy", basis.policy().attribute().text()).put("reach", basis.reach());
    basis.bits().ifPresent(bits -> guard.put("bits_policy", bits.attribute().text()));
  }

  private static void putMeasured(ObjectNode guard, GuardBasis basis) {
    if (!basis.notReached().isEmpty()) {
      ArrayNode list = guard.putArray("not_reached");
      basis.notReached().forEach(list::add);
    }
    if (basis.probes().isEmpty()) {
      return;
    }
    ObjectNode probes = guard.putObject("probes");
    basis.probes().forEach((step, seen) -> {
      ArrayNode list = probes.putArray(step.toString());
      for (Change change : seen) {
        list.addArray()
            .add(change.difference())
            .add(change.previous())
            .add(change.motion())
            .add(change.pairs())
            .add(change.elements());
      }
    });
  }

  private static void putRule(ObjectNode layer, LayerRule rule) {
    layer
        .put("kind", rule.kind())
        .put("layer", rule.layer())
        .put("policy", rule.policy().attribute().text())
        .put("kept", rule.kept());
  }

  private static void putLayer(ObjectNode layer, List<LayerDecision> decisions) {
    ArrayNode pruned = layer.putArray("pruned");
    ArrayNode computed = layer.putArray("computed");
    ObjectNode similarity = layer.putObject("similarity");
    ObjectNode variation = layer.putObject("variation");
    for (LayerDecision decision : decisions) {
      String step = Integer.toString(decision.step());
      switch (decision.outcome()) {
        case PRUNED -> pruned.add(decision.step());
        case COMPUTED -> computed.add(decision.step());
        case NOT_REACHED -> {}
      }
      decision.similarity().ifPresent(s -> similarity.put(step, s));
      decision.variation().ifPresent(v -> variation.put(step, v));
    }
  }

  private static void put(ObjectNode guard, List<Decision> decisions) {
    ArrayNode computed = guard.putArray("computed");
    decisions.stream().filter(Decision::computed).forEach(d -> computed.add(d.step()));
    ObjectNode divergence = JsonNodeFactory.instance.objectNode();
    ObjectNode weights = JsonNodeFactory.instance.objectNode();
    ArrayNode noise = JsonNodeFactory.instance.arrayNode();
    ObjectNode bits = JsonNodeFactory.instance.objectNode();
    for (Decision decision : decisions) {
      String step = Integer.toString(decision.step());
      decision.divergence().ifPresent(d -> divergence.put(step, d));
      if (decision.noiseDominated()) {
        noise.add(decision.step());
      }
      if (decision.bits() > 0) {
        bits.put(step, decision.bits());
      }
      if (!decision.weights().isEmpty()) {
        ArrayNode list = weights.putArray(step);
        decision.weights().forEach(list::add);
      }
    }
    if (!divergence.isEmpty()) {
      guard.set("divergence", divergence);
    }
    if (!noise.isEmpty()) {
      guard.set("noise_dominated", noise);
    }
    if (!bits.isEmpty()) {
      guard.set("bits", bits);
    }
    if (!weights.isEmpty()) {
      guard.set("weights", weights);
    }
  }
}
