package org.quantcache.ir.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.ir.attributes.QuotedText;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.TensorType;

/** Writes the text form, which {@link IrParser} reads back. Equal modules give equal text on every machine. */
public final class IrPrinter {
  private static final int WIDTH = 100;

  /**
   * What to write.
   *
   * @param locations module paths behind operations
   * @param hints names that importers and passes gave; else values are numbered
   */
  public record Options(boolean locations, boolean hints) {
    /** With names, without locations. */
    public static final Options PLAIN = new Options(false, true);

    /** With names and locations. */
    public static final Options WITH_LOCATIONS = new Options(true, true);

    /** Structure alone: two modules that differ in names and locations only print alike. */
    public static final Options CANONICAL = new Options(false, false);
  }

  private final Options options;
  private final StringBuilder out = new StringBuilder();
  private ValueNames names;

  private IrPrinter(Options options) {
    this.options = options;
  }

  /** The module without locations. */
  public static String print(IrModule module) {
    return print(module, Options.PLAIN);
  }

  public static String print(IrModule module, Options options) {
    IrPrinter printer = new IrPrinter(options);
    printer.module(module);
    return printer.out.toString();
  }

  /** One function, indented as in its module. */
  public static String print(Function function, Options options) {
    IrPrinter printer = new IrPrinter(options);
    printer.function(function);
    return printer.out.toString();
  }

  /** One line of an operation for each value and region head it has, as {@link #print(Function, Options)} has it. */
  public static List<Line> lines(Function function, Options options) {
    IrPrinter printer = new IrPrinter(options);
    printer.names = ValueNames.of(function, options.hints());
    List<Line> lines = new ArrayList<>();
    printer.collect(function.body(), "    ", lines);
    return lines;
  }

  /**
   * First line of an operation in the text.
   *
   * @param operation the operation
   * @param text its line with indentation, without the content of its regions
   */
  public record Line(Operation operation, String text) {}

  private void collect(Region region, String indent, List<Line> lines) {
    for (Operation operation : region.operations()) {
      lines.add(new Line(operation, indent + head(operation)));
      for (Region inner : operation.regions()) {
        collect(inner, indent + "  ", lines);
      }
    }
  }

  private void module(IrModule module) {
    out.append("module @").append(module.name());
    appendAttributes(module.attributes().text());
    out.append(" {\n");
    for (Operation global : module.globals()) {
      operation(global, "  ");
    }
    boolean first = module.globals().isEmpty();
    for (Function function : module.functions()) {
      out.append(first ? "" : "\n");
      first = false;
      function(function);
    }
    out.append("}\n");
  }

  private void function(Function function) {
    names = ValueNames.of(function, options.hints());
    List<String> parameters =
        function.parameters().stream().map(this::declaration).toList();
    String oneLine = "  func @" + function.name() + "(" + String.join(", ", parameters) + ")";
    boolean wraps = oneLine.length() > WIDTH && parameters.size() > 1;
    out.append(
        wraps
            ? "  func @" + function.name() + "(\n      " + String.join(",\n      ", parameters)
                + ")"
            : oneLine);
    List<TensorType> results = function.resultTypes();
    if (!results.isEmpty()) {
      String types = types(results);
      out.append(" -> ").append(results.size() == 1 ? types : "(" + types + ")");
    }
    appendAttributes(function.attributes().text());
    out.append(' ');
    region(function.body(), "  ", false);
    appendLocation(function.location());
    out.append('\n');
    names = null;
  }

  private String declaration(Value value) {
    return "%" + names.of(value) + ": " + value.type().text();
  }

  private static String types(List<TensorType> types) {
    return types.stream().map(TensorType::text).collect(Collectors.joining(", "));
  }

  private void region(Region region, String indent, boolean withArguments) {
    out.append('{');
    if (withArguments && !region.arguments().isEmpty()) {
      out.append(region.arguments().stream()
          .map(this::declaration)
          .collect(Collectors.joining(", ", "|", "|")));
    }
    out.append('\n');
    for (Operation operation : region.operations()) {
      operation(operation, indent + "  ");
    }
    out.append(indent).append('}');
  }

  private void operation(Operation operation, String indent) {
    out.append(indent).append(head(operation));
    for (Region region : operation.regions()) {
      out.append(' ').append(region.name()).append(region.name().isEmpty() ? "" : " ");
      region(region, indent, true);
    }
    appendLocation(operation.location());
    out.append('\n');
  }

  private String head(Operation operation) {
    StringBuilder head = new StringBuilder();
    List<Value> results = operation.results();
    if (!results.isEmpty()) {
      head.append(list(results)).append(" = ");
    }
    head.append(operation.name());
    operation.symbol().ifPresent(symbol -> head.append(" @").append(symbol));
    if (operation.operandCount() > 0) {
      head.append('(').append(list(operation.operands())).append(')');
    }
    if (!operation.attributes().isEmpty()) {
      head.append(' ').append(operation.attributes().text());
    }
    if (!results.isEmpty()) {
      head.append(" : ").append(types(results.stream().map(Value::type).toList()));
    }
    return head.toString();
  }

  private String list(List<Value> values) {
    return values.stream().map(v -> "%" + names.of(v)).collect(Collectors.joining(", "));
  }

  private void appendAttributes(String text) {
    if (!text.isEmpty()) {
      out.append(' ').append(text);
    }
  }

  private void appendLocation(Location location) {
    if (options.locations() && !location.paths().isEmpty()) {
      out.append(location.paths().stream()
          .map(QuotedText::quote)
          .collect(Collectors.joining(", ", " loc(", ")")));
    }
  }
}
