package org.quantcache.passes.instruments;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * What a pass did, or saw and left alone, at one place.
 *
 * @param pass name of the pass
 * @param event what happened, such as {@code EpilogueFused}
 * @param at where, as paths of the source model
 * @param details further facts; of a missed chance the {@code reason}
 */
public record Remark(String pass, String event, String at, Attributes details) {
  /** A chance that was not taken. */
  static Remark missed(String pass, String event, String at, String reason) {
    return new Remark(pass, event, at, Attributes.of("reason", Attribute.string(reason)));
  }

  /** One JSON object without line breaks. */
  public String json() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("pass", pass).put("event", event).put("at", at);
    for (Map.Entry<String, Attribute> detail : details.values().entrySet()) {
      put(out, detail.getKey(), detail.getValue());
    }
    return out.toString();
  }

  private static void put(ObjectNode out, String name, Attribute value) {
    if (value instanceof Attribute.IntAttr whole) {
      out.put(name, whole.value());
    } else if (value instanceof Attribute.StringAttr text) {
      out.put(name, text.value());
    } else {
      out.put(name, value.text());
    }
  }
}
