package org.quantcache.ir.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.types.TensorType;

/** Attributes and types of {@link IrJson}'s form. */
final class JsonAttributeReader {
  private JsonAttributeReader() {}

  /** Attributes under {@code key}, none when it is absent. */
  static Attributes attributes(JsonPart parent, String key) {
    return parent.find(key).map(JsonAttributeReader::fields).orElse(Attributes.NONE);
  }

  private static Attributes fields(JsonPart part) {
    if (!part.node().isObject()) {
      throw part.error("attributes are an object");
    }
    Map<String, Attribute> out = new TreeMap<>();
    for (Iterator<String> names = part.node().fieldNames(); names.hasNext(); ) {
      String name = names.next();
      out.put(name, attribute(part.get(name)));
    }
    try {
      return Attributes.of(out);
    } catch (IllegalArgumentException e) {
      throw part.error("%s", e.getMessage());
    }
  }

  private static Attribute attribute(JsonPart part) {
    JsonNode node = part.node();
    if (node.isIntegralNumber()) {
      return Attribute.of(part.wholeNumber());
    }
    if (node.isNumber()) {
      if (Double.isInfinite(node.doubleValue())) {
        throw part.error("the number is no finite float");
      }
      return Attribute.of(node.doubleValue());
    }
    if (node.isTextual()) {
      return Attribute.string(node.textValue());
    }
    if (node.isBoolean()) {
      return Attribute.of(node.booleanValue());
    }
    if (node.isArray()) {
      List<Attribute> values = new ArrayList<>();
      part.elements().forEach(element -> values.add(attribute(element)));
      return new Attribute.ListAttr(values);
    }
    try {
      return tagged(part);
    } catch (IllegalArgumentException e) {
      throw part.error("%s", e.getMessage());
    }
  }

  private static Attribute tagged(JsonPart part) {
    if (part.find("struct").isPresent()) {
      part.requireKeys("struct", "fields");
      return new Attribute.StructAttr(part.get("struct").string(), fields(part.get("fields")));
    }
    part.requireKeys("word", "symbol", "type", "float", "struct");
    if (part.node().size() != 1) {
      throw part.error("one of word, symbol, type, float, struct is expected");
    }
    String tag = part.node().fieldNames().next();
    JsonPart value = part.get(tag);
    return switch (tag) {
      case "word" -> Attribute.word(value.string());
      case "symbol" -> Attribute.symbol(value.string());
      case "type" -> Attribute.type(type(value));
      default -> notFinite(value);
    };
  }

  private static Attribute notFinite(JsonPart value) {
    return switch (value.string()) {
      case "nan" -> Attribute.of(Double.NaN);
      case "inf" -> Attribute.of(Double.POSITIVE_INFINITY);
      case "-inf" -> Attribute.of(Double.NEGATIVE_INFINITY);
      default -> throw value.error("nan, inf or -inf is expected, found '%s'", value.string());
    };
  }

  /** A type in the grammar of the text form. */
  static TensorType type(JsonPart part) {
    try {
      return IrParser.parseType(part.string());
    } catch (UserError e) {
      throw part.error("%s", e.getMessage());
    }
  }
}
