package org.quantcache.passes.calibration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;

/**
 * A calibration as JSON, one row of numbers a line. Products of the trajectory are stored as a triangle: row t holds
 * those with steps 0..t. Numbers have seven digits, those of {@link RoundingJson} and {@link ProbeJson} four.
 */
public final class CalibrationFile {
  private static final String FORMAT = "quantcache-calibration-1";
  private static final String LINEAR = "linear";
  private static final String HOLD = "hold";
  private static final MathContext DIGITS = new MathContext(7);
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private final Path file;

  private CalibrationFile(Path file) {
    this.file = file;
  }

  /** Writes a calibration, or leaves the file as it was. */
  public static void write(Path file, Calibration calibration) {
    AtomicFile.write(file, text(calibration).getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Calibration calibration) {
    Trajectory trajectory = calibration.trajectory();
    StringBuilder out = new StringBuilder("{\n");
    out.append(" \"format\": \"").append(FORMAT).append("\",\n");
    out.append(" \"model\": \"").append(calibration.model()).append("\",\n");
    out.append(" \"cases\": [\n");
    out.append(calibration.cases().stream()
        .map(c -> "  " + caseText(c))
        .collect(Collectors.joining(",\n")));
    out.append("\n ],\n \"trajectory\": {\n  \"step_sizes\": ");
    out.append(numbers(trajectory.stepSizes())).append(",\n  \"products\": [\n");
    for (int t = 0; t < trajectory.steps(); t++) {
      out.append("   ").append(numbers(trajectory.products().get(t).subList(0, t + 1)));
      out.append(t + 1 < trajectory.steps() ? ",\n" : "\n");
    }
    out.append("  ]\n }");
    if (!calibration.plans().isEmpty()) {
      out.append(",\n \"plans\": [\n");
      out.append(calibration.plans().stream()
          .map(CalibrationFile::planText)
          .collect(Collectors.joining(",\n")));
      out.append("\n ]");
    }
    if (!calibration.prunings().isEmpty()) {
      out.append(",\n ").append(PruningJson.text(calibration.prunings()));
    }
    if (!calibration.targets().isEmpty()) {
      out.append(",\n ").append(TargetJson.text(calibration.targets()));
    }
    calibration.rounding().ifPresent(r -> out.append(",\n ").append(RoundingJson.text(r)));
    calibration.divergence().ifPresent(d -> out.append(",\n ").append(ProbeJson.text(d)));
    if (!calibration.noise().isEmpty()) {
      out.append(",\n ").append(ProbeJson.text(calibration.noise()));
    }
    return out.append("\n}\n").toString();
  }

  private static String planText(MeasuredPlan plan) {
    return "  {\"reuse\": \"" + (plan.linear() ? LINEAR : HOLD) + "\", \"quality_db\": "
        + number(plan.qualityDb()) + ", \"computed\": " + plan.computed() + "}";
  }

  private static String caseText(Calibration.Case one) {
    ObjectNode node = JSON.createObjectNode().put("prompt", one.prompt()).put("seed", one.seed());
    return node.toString();
  }

  private static String numbers(List<Double> values) {
    return values.stream().map(CalibrationFile::number).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String number(double value) {
    return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toString();
  }

  /** Reads a calibration. @throws UserError PA0601 that says what is wrong */
  public static Calibration read(Path file) {
    return new CalibrationFile(file).parse();
  }

  private Calibration parse() {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw wrong("no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw wrong("not readable").causedBy(e);
    }
    if (!root.path("format").asText().equals(FORMAT)) {
      throw wrong("/format is " + root.path("format") + ", expected \"" + FORMAT + "\"");
    }
    if (!root.path("model").isTextual()) {
      throw wrong("/model must be a fingerprint");
    }
    List<Calibration.Case> cases = new ArrayList<>();
    for (JsonNode one : root.path("cases")) {
      if (!one.path("prompt").isTextual() || !one.path("seed").canConvertToLong()) {
        throw wrong("/cases must hold prompts with seeds");
      }
      cases.add(new Calibration.Case(one.get("prompt").asText(), one.get("seed").asLong()));
    }
    Trajectory trajectory = trajectory(root.path("trajectory"));
    Optional<Rounding> rounding = part(root, "rounding", RoundingJson::read);
    Optional<DivergenceCurve> divergence = part(root, "divergence", ProbeJson::curve);
    List<NoiseFloor> noise = part(root, "noise_floors", ProbeJson::floors).orElse(List.of());
    try {
      return new Calibration(
          root.get("model").asText(),
          cases,
          trajectory,
          plans(root.path("plans")),
          part(root, "prunings", PruningJson::read).orElse(List.of()),
          part(root, "targets", TargetJson::read).orElse(List.of()),
          rounding,
          divergence,
          noise);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private List<MeasuredPlan> plans(JsonNode all) {
    List<MeasuredPlan> out = new ArrayList<>();
    for (JsonNode plan : all) {
      String at = "/plans/" + out.size();
      String reuse = plan.path("reuse").asText();
      if (!reuse.equals(LINEAR) && !reuse.equals(HOLD)) {
        throw wrong(at + "/reuse is " + HOLD + " or " + LINEAR);
      }
      List<Integer> computed = new ArrayList<>();
      for (JsonNode step : plan.path("computed")) {
        if (!step.isInt()) {
          throw wrong(at + "/computed must hold steps, found " + step);
        }
        computed.add(step.asInt());
      }
      out.add(new MeasuredPlan(
          reuse.equals(LINEAR), computed, plan.path("quality_db").asDouble(Double.NaN)));
    }
    return out;
  }

  /** A part that may be missing. */
  private <T> Optional<T> part(JsonNode root, String name, Function<JsonNode, T> read) {
    JsonNode node = root.path(name);
    try {
      return node.isMissingNode() ? Optional.empty() : Optional.of(read.apply(node));
    } catch (IllegalArgumentException e) {
      throw wrong("/" + name + ": " + e.getMessage());
    }
  }

  private Trajectory trajectory(JsonNode node) {
    List<Double> sizes = numbers(node.path("step_sizes"), "/trajectory/step_sizes");
    List<List<Double>> products = new ArrayList<>();
    for (JsonNode row : node.path("products")) {
      List<Double> values = numbers(row, "/trajectory/products/" + products.size());
      if (values.size() != products.size() + 1 || products.size() >= sizes.size()) {
        throw wrong("/trajectory/products/" + products.size() + " is no row of a triangle");
      }
      products.add(new ArrayList<>(values));
    }
    for (int t = 0; t < products.size(); t++) {
      products.get(t).addAll(Collections.nCopies(products.size() - t - 1, 0.0));
    }
    for (int t = 0; t < products.size(); t++) {
      for (int s = t + 1; s < products.size(); s++) {
        products.get(t).set(s, products.get(s).get(t));
      }
    }
    try {
      return new Trajectory(products, sizes);
    } catch (IllegalArgumentException e) {
      throw wrong("/trajectory: " + e.getMessage());
    }
  }

  private List<Double> numbers(JsonNode list, String at) {
    List<Double> out = new ArrayList<>();
    for (JsonNode value : list) {
      if (!value.isNumber()) {
        throw wrong(at + " must hold numbers, found " + value);
      }
      out.add(value.asDouble());
    }
    if (!list.isArray()) {
      throw wrong(at + " must be a list of numbers");
    }
    return out;
  }

  private UserError wrong(String problem) {
    return UserError.of("PA0601", "%s is no calibration: %s", file, problem)
        .withHint("make one with 'qcc calibrate MODEL_DIR -o FILE'");
  }
}
