package org.quantcache.kernels.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.cache.LayerDecision.Outcome;

/**
 * A trace as JSON, short enough to be written by hand:
 *
 * <pre>{@code
 * {"steps": 30,
 *  "guards": {"stack": {"computed": [0, 1, 5, 9, 29],
 *                       "divergence": {"1": 0.25}, "noise_dominated": [5], "bits": {"5": 6}, "weights": {"2": [1.5, -0.5]}}},
 *  "layers": {"spatial.3": {"pruned": [5], "computed": [0, 1, 9, 29], "similarity": {"5": 0.9}, "variation": {}}}}
 * }</pre>
 *
 * Only {@code computed} of guards and {@code pruned} of layers must be there.
 */
public final class TraceFile {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(SerializationFeature.INDENT_OUTPUT)
      .build();
  private static final int MOST_STEPS = 100_000;
  private static final int MOST_BITS = 8;
  private static final Set<String> KNOWN =
      Set.of("computed", "divergence", "noise_dominated", "bits", "weights");
  private static final Set<String> KNOWN_OF_LAYERS =
      Set.of("pruned", "computed", "similarity", "variation");

  private final Path file;

  private TraceFile(Path file) {
    this.file = file;
  }

  /** Writes a trace, or leaves the file as it was. */
  public static void write(Path file, DecisionTrace trace) {
    AtomicFile.write(file, json(trace).toPrettyString().getBytes(StandardCharsets.UTF_8));
  }

  /** The trace as a JSON tree. */
  public static ObjectNode json(DecisionTrace trace) {
    ObjectNode root = JSON.createObjectNode().put("steps", trace.steps());
    ObjectNode guards = root.putObject("guards");
    trace.guards().forEach((name, decisions) -> put(guards.putObject(name), decisions));
    if (!trace.layers().isEmpty()) {
      ObjectNode layers = root.putObject("layers");
      trace.layers().forEach((name, decisions) -> putLayer(layers.putObject(name), decisions));
    }
    return root;
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
    ObjectNode divergence = JSON.createObjectNode();
    ObjectNode weights = JSON.createObjectNode();
    ArrayNode noise = JSON.createArrayNode();
    ObjectNode bits = JSON.createObjectNode();
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

  /** Reads a trace. @throws UserError RT0111 that names the place */
  public static DecisionTrace read(Path file) {
    return new TraceFile(file).parse();
  }

  private DecisionTrace parse() {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw wrong("no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw wrong("not readable").causedBy(e);
    }
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
    return new DecisionTrace(steps, guards, layers);
  }

  private List<LayerDecision> layer(JsonNode layer, String at, int steps) {
    requireKnown(layer, at, KNOWN_OF_LAYERS);
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
    JsonNode value = of.path(field).path(Integer.toString(step));
    return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
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
    requireKnown(guard, at, KNOWN);
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
  private boolean[] steps(JsonNode list, String at, int steps) {
    if (!list.isArray()) {
      throw wrong(at + " must be a list of steps");
    }
    boolean[] out = new boolean[steps];
    for (JsonNode step : list) {
      out[whole(step, at, steps - 1)] = true;
    }
    return out;
  }

  private int whole(JsonNode node, String at, int most) {
    if (!node.isInt() || node.asInt() < 0 || node.asInt() > most) {
      throw wrong(at + " must hold whole numbers in 0.." + most + ", found " + node);
    }
    return node.asInt();
  }

  private UserError wrong(String problem) {
    return UserError.of("RT0111", "%s is no trace of decisions: %s", file, problem)
        .withHint("write one with 'qcc run --trace FILE'");
  }
}
