package org.quantcache.kernels.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.LayerDecision.Outcome;

/** Reads the JSON of a trace; every problem is RT0111 with its place, or RT0303 for a later form. */
final class TraceReader {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();
  private static final int MOST_STEPS = 100_000;
  private static final int MOST_BITS = 8;
  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private final Path file;

  TraceReader(Path file) {
    this.file = file;
  }

  DecisionTrace parse() {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw wrong("no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw wrong("not readable").causedBy(e);
    }
    requireFormat(root);
    int steps = whole(root.path("steps"), "/steps", MOST_STEPS);
    Map<String, List<Decision>> guards = new LinkedHashMap<>();
    JsonNode all = root.path("guards");
    if (!all.isObject()) {
      throw wrong("/guards must be an object");
    }
    for (Map.Entry<String, JsonNode> field : all.properties()) {
      guards.put(field.getKey(), decisions(field.getValue(), "/guards/" + field.getKey(), steps));
    }
    Map<String, List<LayerDecision>> layers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.path("layers").properties()) {
      layers.put(field.getKey(), layer(field.getValue(), "/layers/" + field.getKey(), steps));
    }
    return new DecisionTrace(steps, guards, layers, new BasisReader(this, steps).basis(root));
  }

  private void requireFormat(JsonNode root) {
    JsonNode format = root.path("format");
    if (format.isMissingNode()) {
      return;
    }
    if (whole(format, "/format", Integer.MAX_VALUE) > TraceFile.FORMAT) {
      throw UserError.of(
              "RT0303",
              "%s is a trace of format %d, this program reads up to %d",
              file,
              format.asInt(),
              TraceFile.FORMAT)
          .withHint("use the program that wrote it, or run again with --trace");
    }
  }

  private List<LayerDecision> layer(JsonNode layer, String at, int steps) {
    requireKnown(layer, at, TraceKeys.OF_LAYERS);
    boolean[] pruned = steps(layer.path("pruned"), at + "/pruned", steps);
    boolean[] computed = layer.has("computed")
        ? steps(layer.path("computed"), at + "/computed", steps)
        : new boolean[steps];
    List<LayerDecision> out = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      if (pruned[step] && computed[step]) {
        throw wrong(at + " says that step " + step + " is computed and left out");
      }
      Outcome outcome =
          pruned[step] ? Outcome.PRUNED : computed[step] ? Outcome.COMPUTED : Outcome.NOT_REACHED;
      out.add(new LayerDecision(
          step, outcome, number(layer, "similarity", step), number(layer, "variation", step)));
    }
    return out;
  }

  private static OptionalDouble number(JsonNode of, String field, int step) {
    return real(of.path(field).path(Integer.toString(step)));
  }

  /** A number, also one that JSON has no form of its own for. */
  static OptionalDouble real(JsonNode value) {
    boolean notFinite = value.isTextual() && NOT_FINITE.contains(value.textValue());
    return value.isNumber() || notFinite
        ? OptionalDouble.of(Double.parseDouble(value.asText()))
        : OptionalDouble.empty();
  }

  private void requireKnown(JsonNode node, String at, Set<String> known) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!known.contains(field.getKey())) {
        throw wrong(at + "/" + field.getKey() + " is not known, legal are "
            + known.stream().sorted().toList());
      }
    }
  }

  private List<Decision> decisions(JsonNode guard, String at, int steps) {
    requireKnown(guard, at, TraceKeys.OF_GUARDS);
    boolean[] computed = steps(guard.path("computed"), at + "/computed", steps);
    boolean[] noise = guard.has("noise_dominated")
        ? steps(guard.path("noise_dominated"), at + "/noise_dominated", steps)
        : new boolean[steps];
    JsonNode bits = guard.path("bits");
    if (guard.has("bits") && !bits.isObject()) {
      throw wrong(at + "/bits must be an object");
    }
    List<Decision> out = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      String key = Integer.toString(step);
      out.add(new Decision(
          step,
          computed[step],
          number(guard, "divergence", step),
          noise[step],
          bits(bits.path(key), at + "/bits/" + key),
          weights(guard.path("weights").path(key), at + "/weights/" + key)));
    }
    return out;
  }

  private int bits(JsonNode bits, String at) {
    return bits.isMissingNode() ? 0 : whole(bits, at, MOST_BITS);
  }

  private List<Float> weights(JsonNode list, String at) {
    List<Float> out = new ArrayList<>();
    for (JsonNode weight : list) {
      if (!weight.isNumber() || !Float.isFinite(weight.floatValue())) {
        throw wrong(at + " must be a list of numbers");
      }
      out.add(weight.floatValue());
    }
    return out;
  }

  /** A list of steps as one flag for each step. */
  boolean[] steps(JsonNode list, String at, int steps) {
    if (!list.isArray()) {
      throw wrong(at + " must be a list of steps");
    }
    boolean[] out = new boolean[steps];
    for (JsonNode step : list) {
      out[whole(step, at, steps - 1)] = true;
    }
    return out;
  }

  int whole(JsonNode node, String at, int most) {
    if (!node.isInt() || node.asInt() < 0 || node.asInt() > most) {
      throw wrong(at + " must hold whole numbers in 0.." + most + ", found " + node);
    }
    return node.asInt();
  }

  UserError wrong(String problem) {
    return UserError.of("RT0111", "%s is no trace of decisions: %s", file, problem)
        .withHint("write one with 'qcc run --trace FILE'");
  }
}
