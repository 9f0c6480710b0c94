package org.quantcache.ir.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;

/** Writes {@link IrJson}'s form. */
final class JsonModuleWriter {
  private final JsonGenerator out;
  private final Map<Value, Integer> numbers = new IdentityHashMap<>();

  private JsonModuleWriter(JsonGenerator out) {
    this.out = out;
  }

  static String write(IrModule module) {
    StringWriter text = new StringWriter();
    JsonFactory factory =
        JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    try (JsonGenerator out = factory.createGenerator(text)) {
      out.setPrettyPrinter(
          new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));
      new JsonModuleWriter(out).module(module);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text + "\n";
  }

  private void module(IrModule module) throws IOException {
    out.writeStartObject();
    out.writeNumberField("qir", JsonModuleReader.VERSION);
    out.writeStringField("name", module.name());
    attributes("attributes", module.attributes());
    operations("globals", module.globals());
    out.writeArrayFieldStart("functions");
    for (Function function : module.functions()) {
      function(function);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private void function(Function function) throws IOException {
    numbers.clear();
    out.writeStartObject();
    out.writeStringField("name", function.name());
    values("parameters", function.parameters());
    if (!function.resultTypes().isEmpty()) {
      strings("results", function.resultTypes().stream().map(t -> t.text()).toList());
    }
    attributes("attributes", function.attributes());
    location(function.location());
    operations("body", function.body().operations());
    out.writeEndObject();
  }

  private void operations(String key, List<Operation> operations) throws IOException {
    out.writeArrayFieldStart(key);
    for (Operation operation : operations) {
      operation(operation);
    }
    out.writeEndArray();
  }

  private void operation(Operation operation) throws IOException {
    out.writeStartObject();
    out.writeStringField("op", operation.name());
    if (operation.symbol().isPresent()) {
      out.writeStringField("symbol", operation.symbol().get());
    }
    if (operation.operandCount() > 0) {
      out.writeArrayFieldStart("operands");
      for (Value operand : operation.operands()) {
        out.writeNumber(numbers.get(operand));
      }
      out.writeEndArray();
    }
    attributes("attributes", operation.attributes());
    values("results", operation.results());
    if (!operation.regions().isEmpty()) {
      out.writeArrayFieldStart("regions");
      for (Region region : operation.regions()) {
        region(region);
      }
      out.writeEndArray();
    }
    location(operation.location());
    out.writeEndObject();
  }

  private void region(Region region) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", region.name());
    values("arguments", region.arguments());
    operations("body", region.operations());
    out.writeEndObject();
  }

  private void values(String key, List<Value> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart(key);
    for (Value value : values) {
      int number = numbers.size();
      numbers.put(value, number);
      out.writeStartObject();
      out.writeNumberField("value", number);
      if (!value.nameHint().isEmpty()) {
        out.writeStringField("name", value.nameHint());
      }
      out.writeStringField("type", value.type().text());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private void location(Location location) throws IOException {
    if (!location.paths().isEmpty()) {
      strings("locations", location.paths());
    }
  }

  private void strings(String key, List<String> values) throws IOException {
    out.writeArrayFieldStart(key);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  private void attributes(String key, Attributes attributes) throws IOException {
    if (attributes.isEmpty()) {
      return;
    }
    out.writeFieldName(key);
    fields(attributes);
  }

  private void fields(Attributes attributes) throws IOException {
    out.writeStartObject();
    for (Map.Entry<String, Attribute> entry : attributes.values().entrySet()) {
      out.writeFieldName(entry.getKey());
      attribute(entry.getValue());
    }
    out.writeEndObject();
  }

  private void attribute(Attribute attribute) throws IOException {
    if (attribute instanceof Attribute.IntAttr whole) {
      out.writeNumber(whole.value());
    } else if (attribute instanceof Attribute.FloatAttr real && Double.isFinite(real.value())) {
      out.writeNumber(real.text());
    } else if (attribute instanceof Attribute.FloatAttr real) {
      tagged("float", real.text());
    } else if (attribute instanceof Attribute.StringAttr string) {
      out.writeString(string.value());
    } else if (attribute instanceof Attribute.WordAttr word) {
      word(word.word());
    } else if (attribute instanceof Attribute.SymbolAttr symbol) {
      tagged("symbol", symbol.symbol());
    } else if (attribute instanceof Attribute.TypeAttr type) {
      tagged("type", type.text());
    } else if (attribute instanceof Attribute.ListAttr list) {
      out.writeStartArray();
      for (Attribute value : list.values()) {
        attribute(value);
      }
      out.writeEndArray();
    } else if (attribute instanceof Attribute.StructAttr struct) {
      out.writeStartObject();
      out.writeStringField("struct", struct.name());
      out.writeFieldName("fields");
      fields(struct.fields());
      out.writeEndObject();
    }
  }

  private void word(String word) throws IOException {
    if (word.equals("true") || word.equals("false")) {
      out.writeBoolean(word.equals("true"));
    } else {
      tagged("word", word);
    }
  }

  private void tagged(String tag, String value) throws IOException {
    out.writeStartObject();
    out.writeStringField(tag, value);
    out.writeEndObject();
  }
}
