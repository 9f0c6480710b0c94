package org.quantcache.kernels.cache;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.ir.text.IrParser;

/** Reads what the decisions of a trace rest on. */
final class BasisReader {
  private static final int NUMBERS = 5;
  private static final int MOST_LAYERS = 1_000_000;

  private final TraceReader reader;
  private final int steps;

  BasisReader(TraceReader reader, int steps) {
    this.reader = reader;
    this.steps = steps;
  }

  /** Empty for a trace that does not say how it was decided. */
  Optional<DecisionBasis> basis(JsonNode root) {
    if (!root.has("decisions")) {
      return Optional.empty();
    }
    Map<String, GuardBasis> guards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.path("guards").properties()) {
      guards.put(field.getKey(), guard(field.getValue(), "/guards/" + field.getKey()));
    }
    Map<String, LayerRule> layers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.path("layers").properties()) {
      layers.put(field.getKey(), layer(field.getValue(), "/layers/" + field.getKey()));
    }
    return Optional.of(new DecisionBasis(mode(root.path("decisions")), guards, layers));
  }

  private DecisionBasis.Mode mode(JsonNode word) {
    for (DecisionBasis.Mode mode : DecisionBasis.Mode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(word.asText())) {
        return mode;
      }
    }
    throw reader.wrong("/decisions must be adaptive, always or replay, found " + word);
  }

  private GuardBasis guard(JsonNode guard, String at) {
    Optional<BitsPolicy> bits = guard.has("bits_policy")
        ? Optional.of(policy(guard.path("bits_policy"), at + "/bits_policy", BitsPolicy::of))
        : Optional.empty();
    Set<Integer> notReached = new LinkedHashSet<>();
    if (guard.has("not_reached")) {
      boolean[] flags = reader.steps(guard.path("not_reached"), at + "/not_reached", steps);
      for (int step = 0; step < steps; step++) {
        if (flags[step]) {
          notReached.add(step);
        }
      }
    }
    return new GuardBasis(
        policy(guard.path("policy"), at + "/policy", GuardPolicy::of),
        real(guard.path("reach"), at + "/reach"),
        bits,
        probes(guard.path("probes"), at + "/probes"),
        notReached);
  }

  private Map<Integer, List<Change>> probes(JsonNode node, String at) {
    Map<Integer, List<Change>> out = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String place = at + "/" + field.getKey();
      List<Change> seen = new ArrayList<>();
      field.getValue().forEach(numbers -> seen.add(change(numbers, place)));
      out.put(step(field.getKey(), place), seen);
    }
    return out;
  }

  private int step(String key, String at) {
    if (!key.matches("[0-9]{1,6}") || Integer.parseInt(key) >= steps) {
      throw reader.wrong(at + " is no step of 0.." + (steps - 1));
    }
    return Integer.parseInt(key);
  }

  private Change change(JsonNode numbers, String at) {
    if (numbers.size() != NUMBERS || !numbers.path(NUMBERS - 1).isIntegralNumber()) {
      throw reader.wrong(at + " must hold lists of " + NUMBERS
          + " numbers, the last one a number of elements, found " + numbers);
    }
    return new Change(
        real(numbers.path(0), at),
        real(numbers.path(1), at),
        real(numbers.path(2), at),
        real(numbers.path(3), at),
        numbers.path(NUMBERS - 1).asLong());
  }

  private LayerRule layer(JsonNode layer, String at) {
    if (!layer.path("kind").isTextual()) {
      throw reader.wrong(at + "/kind must be a text");
    }
    return new LayerRule(
        layer.path("kind").asText(),
        reader.whole(layer.path("layer"), at + "/layer", MOST_LAYERS),
        policy(layer.path("policy"), at + "/policy", PrunePolicy::of),
        reader.whole(layer.path("kept"), at + "/kept", MOST_LAYERS));
  }

  private double real(JsonNode node, String at) {
    OptionalDouble value = TraceReader.real(node);
    if (value.isEmpty()) {
      throw reader.wrong(at + " must hold numbers, found " + node);
    }
    return value.getAsDouble();
  }

  private <T> T policy(JsonNode text, String at, Function<Attribute, T> reading) {
    if (!text.isTextual()) {
      throw reader.wrong(at + " must be the text of a policy");
    }
    try {
      return reading.apply(IrParser.parseAttribute(text.asText()));
    } catch (UserError | IllegalArgumentException e) {
      throw reader.wrong(at + " is no policy: " + firstLine(e)).causedBy(e);
    }
  }

  /** Errors of the text form go on with the text itself. */
  private static String firstLine(RuntimeException problem) {
    return String.valueOf(problem.getMessage()).lines().findFirst().orElse("");
  }
}
