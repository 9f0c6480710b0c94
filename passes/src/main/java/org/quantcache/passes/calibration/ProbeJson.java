package org.quantcache.passes.calibration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.quantcache.ir.types.QuantType.Granularity;

/** The parts of a calibration file about the default probe of a guard: its curve, and a line for each noise floor. */
final class ProbeJson {
  private ProbeJson() {}

  static String text(DivergenceCurve curve) {
    String motion = curve.motionMean().isPresent()
        ? ", \"motion_mean\": " + RoundingJson.number(curve.motionMean().getAsDouble())
        : "";
    return "\"divergence\": {\"cases\": " + curve.cases() + motion + ", \"changes\":\n  "
        + RoundingJson.numbers(curve.changes()) + "\n }";
  }

  static String text(List<NoiseFloor> floors) {
    return "\"noise_floors\": [\n"
        + floors.stream().map(ProbeJson::line).collect(Collectors.joining(",\n")) + "\n ]";
  }

  private static String line(NoiseFloor floor) {
    return "  {\"passes\": " + TextNode.valueOf(floor.passes())
        + ", \"weights\": " + RoundingJson.number(floor.bits().weights())
        + ", \"activations\": " + RoundingJson.number(floor.bits().activations())
        + ", \"granularity\": \""
        + floor.bits().granularity().name().toLowerCase(Locale.ROOT)
        + "\", \"floor\": " + RoundingJson.number(floor.floor()) + "}";
  }

  /** @throws IllegalArgumentException that says what is wrong */
  static DivergenceCurve curve(JsonNode node) {
    RoundingJson.require(node.path("cases").isInt(), "a number of cases is expected");
    JsonNode motion = node.path("motion_mean");
    return new DivergenceCurve(
        node.get("cases").asInt(),
        RoundingJson.reals(node.path("changes")),
        motion.isMissingNode()
            ? OptionalDouble.empty()
            : OptionalDouble.of(RoundingJson.real(motion)));
  }

  /** @throws IllegalArgumentException that says what is wrong */
  static List<NoiseFloor> floors(JsonNode node) {
    RoundingJson.require(node.isArray(), "a list of noise floors is expected");
    List<NoiseFloor> out = new ArrayList<>();
    for (JsonNode one : node) {
      RoundingJson.require(one.path("passes").isTextual(), "a noise floor names no passes");
      out.add(new NoiseFloor(
          one.get("passes").asText(),
          new NoiseFloor.Bits(
              RoundingJson.real(one.path("weights")),
              RoundingJson.real(one.path("activations")),
              Granularity.valueOf(one.path("granularity").asText().toUpperCase(Locale.ROOT))),
          RoundingJson.real(one.path("floor"))));
    }
    return out;
  }
}
