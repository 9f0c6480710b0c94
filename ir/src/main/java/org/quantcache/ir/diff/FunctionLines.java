package org.quantcache.ir.diff;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.text.IrPrinter;

/** The operations of a function as lines, inner regions behind the operation that has them. */
final class FunctionLines {
  private final Map<Operation, String> texts = new IdentityHashMap<>();
  private final List<DiffLine> lines = new ArrayList<>();

  private final IrModule module;

  private FunctionLines(IrModule module) {
    this.module = module;
  }

  static List<DiffLine> of(IrModule module, Function function) {
    FunctionLines out = new FunctionLines(module);
    for (IrPrinter.Line line : IrPrinter.lines(function, IrPrinter.Options.PLAIN)) {
      out.texts.put(line.operation(), line.text());
    }
    out.lines.add(DiffLine.plain(header(function)));
    out.region(function.body(), "");
    return out.lines;
  }

  private static String header(Function function) {
    String parameters = function.parameters().stream()
        .map(p -> "%" + p.nameHint() + ": " + p.type().text())
        .collect(Collectors.joining(", "));
    String attributes =
        function.attributes().isEmpty() ? "" : " " + function.attributes().text();
    return "  func @" + function.name() + "(" + parameters + ") -> ("
        + types(function.resultTypes()) + ")" + attributes;
  }

  private static String types(List<?> types) {
    return types.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private void region(Region region, String path) {
    for (Operation operation : region.operations()) {
      lines.add(new DiffLine(key(operation, path), texts.get(operation), Optional.of(operation)));
      for (int i = 0; i < operation.regions().size(); i++) {
        region(operation.regions().get(i), path + "/" + operation.name() + "." + i);
      }
    }
  }

  private String key(Operation operation, String path) {
    return String.join(
        "\n",
        path,
        operation.name(),
        types(operation.operands().stream().map(Value::type).toList()),
        attributes(operation),
        types(operation.results().stream().map(Value::type).toList()),
        operation.regions().stream()
            .map(r -> types(r.arguments().stream().map(Value::type).toList()))
            .collect(Collectors.joining("|")));
  }

  /** Attributes; what a symbol names counts, not how it is called. */
  private String attributes(Operation operation) {
    return operation.attributes().values().entrySet().stream()
        .map(entry -> entry.getKey() + " = " + text(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private String text(Attribute attribute) {
    return attribute instanceof Attribute.SymbolAttr symbol
        ? module
            .findGlobal(symbol.symbol())
            .map(global -> global.name() + " " + global.attributes().text())
            .orElse(symbol.text())
        : attribute.text();
  }
}
