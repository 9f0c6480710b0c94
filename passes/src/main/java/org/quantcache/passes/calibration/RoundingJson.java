package org.quantcache.passes.calibration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The part of a calibration file about rounding: a line for each basis; a rounded weight is bits, group, clip, error. */
final class RoundingJson {
  private static final MathContext DIGITS = new MathContext(4);

  private RoundingJson() {}

  static String text(Rounding rounding) {
    return "\"rounding\": [\n"
        + rounding.layers().stream().map(RoundingJson::layer).collect(Collectors.joining(",\n"))
        + "\n ]";
  }

  private static String layer(LayerRounding layer) {
    String bases =
        layer.bases().stream().map(RoundingJson::basis).collect(Collectors.joining(",\n"));
    return "  {\"layer\": " + TextNode.valueOf(layer.key())
        + ", \"perceptual\": " + number(layer.perceptual())
        + ", \"temporal\": " + number(layer.temporal())
        + ",\n   \"largest\": " + numbers(layer.largest())
        + ",\n   \"bases\": [\n" + bases + "]}";
  }

  private static String basis(Basis basis) {
    String weights = basis.weights().stream()
        .map(w -> numbers(List.of((double) w.bits(), (double) w.group(), w.clip(), w.error())))
        .collect(Collectors.joining(", ", "[", "]"));
    return "    {\"balance\": " + number(basis.balance())
        + ", \"rotated\": " + basis.rotated()
        + ", \"activations\": " + numbers(basis.activations())
        + ", \"weights\": " + weights + "}";
  }

  static String numbers(List<Double> values) {
    return values.stream().map(RoundingJson::number).collect(Collectors.joining(", ", "[", "]"));
  }

  static String number(double value) {
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    return rounded.scale() <= 0 ? rounded.toPlainString() : rounded.toString();
  }

  /** @throws IllegalArgumentException that says what is wrong */
  static Rounding read(JsonNode node) {
    require(node.isArray(), "a list of layers is expected");
    List<LayerRounding> out = new ArrayList<>();
    for (JsonNode layer : node) {
      require(layer.path("layer").isTextual(), "a layer has no name");
      List<Basis> bases = new ArrayList<>();
      for (JsonNode basis : layer.path("bases")) {
        bases.add(readBasis(basis));
      }
      out.add(new LayerRounding(
          layer.get("layer").asText(),
          real(layer.path("perceptual")),
          real(layer.path("temporal")),
          reals(layer.path("largest")),
          bases));
    }
    return new Rounding(out);
  }

  private static Basis readBasis(JsonNode node) {
    require(node.path("rotated").isBoolean(), "a basis does not say whether it is rotated");
    List<RoundedWeight> weights = new ArrayList<>();
    for (JsonNode one : node.path("weights")) {
      List<Double> numbers = reals(one);
      require(numbers.size() == 4, "a rounded weight is bits, group, clip, error");
      weights.add(new RoundedWeight(
          numbers.get(0).intValue(), numbers.get(1).intValue(), numbers.get(2), numbers.get(3)));
    }
    return new Basis(
        real(node.path("balance")),
        node.get("rotated").asBoolean(),
        reals(node.path("activations")),
        weights);
  }

  static List<Double> reals(JsonNode list) {
    require(list.isArray(), "a list of numbers is expected");
    List<Double> out = new ArrayList<>();
    list.forEach(value -> out.add(real(value)));
    return out;
  }

  static double real(JsonNode value) {
    require(value.isNumber(), "a number is expected, found '" + value + "'");
    return value.asDouble();
  }

  static void require(boolean holds, String problem) {
    if (!holds) {
      throw new IllegalArgumentException(problem);
    }
  }
}
