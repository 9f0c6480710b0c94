package org.quantcache.ir.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.TensorType;

/** Reads {@link IrJson}'s form through the builder of operations. Stops at the first error. */
final class JsonModuleReader {
  static final int VERSION = 1;

  private static final int DEEPEST = 200;

  private final OpRegistry registry;
  private final Map<Long, Value> visible = new HashMap<>();

  JsonModuleReader(OpRegistry registry) {
    this.registry = registry;
  }

  IrModule read(String text) {
    JsonPart root = new JsonPart(tree(text), "");
    root.requireKeys("qir", "name", "attributes", "globals", "functions");
    if (root.get("qir").wholeNumber() != VERSION) {
      throw root.error(
          "version %d is expected, found %s", VERSION, root.get("qir").node());
    }
    IrModule module = checked(
        root,
        () -> new IrModule(
            root.get("name").string(), JsonAttributeReader.attributes(root, "attributes")));
    for (JsonPart global : root.get("globals").elements()) {
      operation(new OpBuilder(module, registry), global, true);
    }
    for (JsonPart function : root.get("functions").elements()) {
      function(new OpBuilder(module, registry), function);
    }
    return module;
  }

  private static JsonNode tree(String text) {
    JsonFactory factory = JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
        .build();
    JsonMapper mapper = JsonMapper.builder(factory)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
    try {
      JsonNode tree = mapper.readTree(text);
      if (tree.isMissingNode()) {
        throw UserError.of(IrCode.MALFORMED_JSON.code(), "the text is empty");
      }
      return tree;
    } catch (JsonProcessingException e) {
      String place = e.getLocation() == null
          ? ""
          : "line " + e.getLocation().getLineNr() + ", column "
              + e.getLocation().getColumnNr() + ": ";
      throw UserError.of(IrCode.MALFORMED_JSON.code(), place + e.getOriginalMessage());
    }
  }

  /** Runs {@code step}; what the builder refuses becomes an error of {@code part}. */
  private static <T> T checked(JsonPart part, java.util.function.Supplier<T> step) {
    try {
      return step.get();
    } catch (IllegalArgumentException e) {
      throw part.error("%s", e.getMessage());
    }
  }

  private void function(OpBuilder builder, JsonPart part) {
    part.requireKeys("name", "parameters", "results", "attributes", "locations", "body");
    visible.clear();
    List<JsonPart> parameters = part.list("parameters");
    Attributes attributes = JsonAttributeReader.attributes(part, "attributes");
    String name = part.get("name").string();
    builder.locate(location(part));
    Function function = checked(
        part, () -> builder.function(name, hints(parameters), types(parameters), attributes));
    List<TensorType> results =
        part.list("results").stream().map(JsonAttributeReader::type).toList();
    builder.complete(function, results, attributes);
    body(builder, parameters, function.parameters(), part.get("body").elements());
  }

  private static Location location(JsonPart part) {
    List<String> paths = part.list("locations").stream().map(JsonPart::string).toList();
    return Location.UNKNOWN.withPaths(paths);
  }

  private static List<String> hints(List<JsonPart> values) {
    List<String> out = new ArrayList<>();
    for (JsonPart value : values) {
      value.requireKeys("value", "name", "type");
      out.add(value.find("name").map(JsonPart::string).orElse(""));
    }
    return out;
  }

  private static List<TensorType> types(List<JsonPart> values) {
    return values.stream().map(v -> JsonAttributeReader.type(v.get("type"))).toList();
  }

  private void define(List<JsonPart> parts, List<Value> values, List<Long> numbers) {
    for (int i = 0; i < parts.size(); i++) {
      long number = parts.get(i).get("value").wholeNumber();
      if (visible.putIfAbsent(number, values.get(i)) != null) {
        throw parts.get(i).error("value %d is defined already", number);
      }
      numbers.add(number);
    }
  }

  private void body(
      OpBuilder builder, List<JsonPart> parts, List<Value> arguments, List<JsonPart> operations) {
    List<Long> here = new ArrayList<>();
    define(parts, arguments, here);
    for (JsonPart part : operations) {
      Operation operation = operation(builder, part, false);
      define(part.list("results"), operation.results(), here);
    }
    here.forEach(visible::remove);
  }

  private Operation operation(OpBuilder builder, JsonPart part, boolean atModule) {
    part.requireKeys("op", "symbol", "operands", "attributes", "results", "regions", "locations");
    String name = part.get("op").string();
    OpDef definition = registry.find(name).orElseThrow(() -> part.error("no operation '%s'", name));
    if (definition.has(OpDef.Trait.GLOBAL) != atModule) {
      throw part.error(
          "'%s' stands in a %s", name, atModule ? "function" : "module, not in a function");
    }
    List<JsonPart> results = part.list("results");
    OpBuilder.OpSpec spec = builder
        .create(name)
        .symbol(part.find("symbol").map(JsonPart::string).orElse(""))
        .operands(part.list("operands").stream().map(this::operand).toList())
        .attributes(JsonAttributeReader.attributes(part, "attributes"))
        .names(hints(results))
        .types(types(results))
        .at(location(part));
    for (JsonPart region : part.list("regions")) {
      checked(region, () -> region(spec, region, definition));
    }
    Operation operation = checked(part, spec::build);
    if (operation.results().size() != results.size()) {
      throw part.error(
          "'%s' has %d results, found %d", name, operation.results().size(), results.size());
    }
    return operation;
  }

  private OpBuilder.OpSpec region(OpBuilder.OpSpec spec, JsonPart part, OpDef definition) {
    part.requireKeys("name", "arguments", "body");
    String name = part.get("name").string();
    if (!definition.regionNames().contains(name)) {
      throw part.error(
          "'%s' has regions %s, found '%s'", definition.name(), definition.regionNames(), name);
    }
    List<JsonPart> arguments = part.list("arguments");
    return spec.region(
        types(arguments),
        hints(arguments),
        (inner, values) -> body(inner, arguments, values, part.get("body").elements()));
  }

  private Value operand(JsonPart part) {
    Value value = visible.get(part.wholeNumber());
    if (value == null) {
      throw part.error("value %d is not defined here", part.wholeNumber());
    }
    return value;
  }
}
