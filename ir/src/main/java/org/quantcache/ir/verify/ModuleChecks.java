package org.quantcache.ir.verify;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;

/** Module attributes, bounds of symbolic sizes and the names that callers use. */
final class ModuleChecks {
  private final IrModule module;
  private final Diagnostics diagnostics;
  private final Set<String> bounded = new HashSet<>();
  private final Set<String> reported = new HashSet<>();
  private boolean readable = true;

  private ModuleChecks(IrModule module, Diagnostics diagnostics) {
    this.module = module;
    this.diagnostics = diagnostics;
  }

  /** Adds what is wrong; false when the attributes of the module cannot be read. */
  static boolean check(IrModule module, Diagnostics diagnostics) {
    ModuleChecks checks = new ModuleChecks(module, diagnostics);
    module.attributes().find("dims").ifPresent(checks::dims);
    module.attributes().find("stages").ifPresent(checks::stages);
    for (Operation global : module.globals()) {
      global.attributes().find("type").ifPresent(type -> {
        if (type instanceof Attribute.TypeAttr attribute) {
          checks.bounds(attribute.type(), global.location());
        }
      });
    }
    for (Function function : module.functions()) {
      checks.names(function);
      function.resultTypes().forEach(type -> checks.bounds(type, function.location()));
      checks.region(function.body(), function.location());
    }
    return checks.readable;
  }

  private void malformed(String expected, Attribute found) {
    readable = false;
    diagnostics.error(
        IrCode.MODULE_ATTRIBUTES,
        Location.UNKNOWN,
        "module @%s: %s is expected, found %s",
        module.name(),
        expected,
        found.text());
  }

  private void dims(Attribute attribute) {
    if (!(attribute instanceof Attribute.ListAttr list)) {
      malformed("a list of #dim<bound = 300, name = L> in 'dims'", attribute);
      return;
    }
    for (Attribute entry : list.values()) {
      Optional<String> name = boundedName(entry);
      if (name.isEmpty() || !bounded.add(name.get())) {
        malformed("one #dim<bound = 300, name = L> for each size in 'dims'", entry);
      }
    }
  }

  private static Optional<String> boundedName(Attribute entry) {
    if (!(entry instanceof Attribute.StructAttr struct) || !struct.name().equals("dim")) {
      return Optional.empty();
    }
    Attributes fields = struct.fields();
    boolean formed = fields.values().size() == 2
        && fields.find("name").orElse(null) instanceof Attribute.WordAttr
        && fields.find("bound").orElse(null) instanceof Attribute.IntAttr bound
        && bound.value() > 0;
    return formed ? Optional.of(fields.word("name")) : Optional.empty();
  }

  private void stages(Attribute attribute) {
    boolean formed = attribute instanceof Attribute.ListAttr list
        && list.values().stream()
            .allMatch(entry -> entry instanceof Attribute.WordAttr word
                && Stage.named(word.word()).isPresent());
    if (!formed) {
      malformed(
          "a list of " + List.of(Stage.values()).stream().map(Stage::text).toList()
              + " in 'stages'",
          attribute);
    }
  }

  private void names(Function function) {
    List<String> names = function.parameters().stream().map(Value::nameHint).toList();
    for (String name : names) {
      if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
        interfaceError(function, "'" + name + "' is no name of a parameter");
      }
    }
    if (Set.copyOf(names).size() < names.size()) {
      interfaceError(function, "parameter names must differ, found " + names);
    }
    Attribute results = function.attributes().find("results").orElse(null);
    if (results != null) {
      resultNames(function, results);
    }
  }

  private void resultNames(Function function, Attribute results) {
    List<String> names;
    try {
      names = function.attributes().strings("results");
    } catch (IllegalArgumentException e) {
      interfaceError(function, "attribute 'results' lists names, found " + results.text());
      return;
    }
    if (names.size() != function.resultTypes().size() || Set.copyOf(names).size() < names.size()) {
      interfaceError(
          function,
          function.resultTypes().size() + " results need as many different names, found " + names);
    }
  }

  private void interfaceError(Function function, String problem) {
    diagnostics.error(
        IrCode.INTERFACE_NAMES, function.location(), "function @%s: %s", function.name(), problem);
  }

  private void region(Region region, Location location) {
    region.arguments().forEach(value -> bounds(value.type(), location));
    for (Operation operation : region.operations()) {
      operation.results().forEach(value -> bounds(value.type(), operation.location()));
      operation.regions().forEach(inner -> region(inner, operation.location()));
    }
  }

  private void bounds(TensorType type, Location location) {
    for (Dim dim : type.dims()) {
      for (String symbol : dim.symbols()) {
        if (!bounded.contains(symbol) && reported.add(symbol)) {
          diagnostics.error(
              IrCode.UNBOUNDED_SIZE,
              location,
              "size '%s' has no bound in attribute 'dims' of module @%s",
              symbol,
              module.name());
        }
      }
    }
  }
}
