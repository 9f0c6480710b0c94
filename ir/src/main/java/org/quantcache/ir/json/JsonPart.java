package org.quantcache.ir.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.diagnostics.UserError;

/**
 * One node of the tree with its path, read strictly.
 *
 * @param node the node
 * @param path JSON pointer to it
 */
record JsonPart(JsonNode node, String path) {

  UserError error(String format, Object... arguments) {
    return UserError.of(
        IrCode.JSON_FORM.code(),
        "at %s: %s",
        path.isEmpty() ? "/" : path,
        String.format(Locale.ROOT, format, arguments));
  }

  /** @throws UserError unless this is an object with none but these keys */
  void requireKeys(String... known) {
    if (!node.isObject()) {
      throw error("an object is expected, found %s", kind());
    }
    for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      if (!List.of(known).contains(key)) {
        throw error("unknown key '%s', known are %s", key, String.join(", ", known));
      }
    }
  }

  /** The part under {@code key}. */
  Optional<JsonPart> find(String key) {
    return Optional.ofNullable(node.get(key)).map(child -> new JsonPart(child, path + "/" + key));
  }

  JsonPart get(String key) {
    return find(key).orElseThrow(() -> error("key '%s' is missing", key));
  }

  /** Elements of the array under {@code key}, none when it is absent. */
  List<JsonPart> list(String key) {
    return find(key).map(JsonPart::elements).orElse(List.of());
  }

  List<JsonPart> elements() {
    if (!node.isArray()) {
      throw error("an array is expected, found %s", kind());
    }
    List<JsonPart> out = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      out.add(new JsonPart(node.get(i), path + "/" + i));
    }
    return out;
  }

  String string() {
    if (!node.isTextual()) {
      throw error("a string is expected, found %s", kind());
    }
    return node.textValue();
  }

  long wholeNumber() {
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw error("a whole number of 64 bits is expected, found %s", kind());
    }
    return node.longValue();
  }

  private String kind() {
    return node.getNodeType().name().toLowerCase(Locale.ROOT);
  }
}
