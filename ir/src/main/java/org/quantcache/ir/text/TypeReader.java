package org.quantcache.ir.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Types, sizes and type aliases. */
final class TypeReader {
  private static final Pattern LAYOUT = Pattern.compile("#([a-z]+)([0-9]{0,9})");

  private final Map<String, ElementType> elementAliases = new HashMap<>();
  private final Map<String, TensorType> typeAliases = new HashMap<>();
  private final AttributeReader attributes;

  TypeReader(Places places) {
    this.attributes = new AttributeReader(this, places);
  }

  AttributeReader attributes() {
    return attributes;
  }

  /** Makes {@code !name = type} known. */
  void define(QirParser.AliasContext alias) {
    String name = alias.TYPE_ALIAS().getText();
    if (elementAliases.containsKey(name) || typeAliases.containsKey(name)) {
      throw new ReadProblem(
          IrCode.DEFINED_TWICE, alias.getStart(), "alias " + name + " is defined twice");
    }
    ElementType element = element(alias.element());
    if (alias.shape() == null) {
      elementAliases.put(name, element);
    } else {
      typeAliases.put(name, shaped(element, alias.shape()));
    }
  }

  TensorType type(QirParser.TypeContext type) {
    if (type.element() != null) {
      return shaped(element(type.element()), type.shape());
    }
    String name = type.TYPE_ALIAS().getText();
    ElementType element = elementAliases.get(name);
    if (element != null && type.shape() != null) {
      return shaped(element, type.shape());
    }
    TensorType whole = typeAliases.get(name);
    if (whole != null && type.shape() == null) {
      return whole;
    }
    if (element != null || whole != null) {
      throw new ReadProblem(
          IrCode.BAD_TYPE,
          type.getStart(),
          element != null ? name + " needs sizes behind it" : name + " has its sizes already");
    }
    throw new ReadProblem(
        IrCode.UNKNOWN_ALIAS, type.getStart(), "alias " + name + " is not defined");
  }

  private TensorType shaped(ElementType element, QirParser.ShapeContext shape) {
    List<Dim> dims = new ArrayList<>();
    for (QirParser.DimContext dim : shape.dim()) {
      dims.add(dim(dim));
    }
    Layout layout = shape.STRUCT() == null ? Layout.ROW : layout(shape.STRUCT());
    try {
      return new TensorType(element, dims, layout);
    } catch (IllegalArgumentException e) {
      throw new ReadProblem(IrCode.BAD_TYPE, shape.getStart(), e.getMessage());
    }
  }

  private static Layout layout(TerminalNode node) {
    Matcher matcher = LAYOUT.matcher(node.getText());
    if (!matcher.matches()) {
      throw new ReadProblem(
          IrCode.BAD_TYPE,
          node.getSymbol(),
          "found layout " + Places.quoted(node.getSymbol())
              + ", expected #row, #panel32, #quad32, #pair2 or #tile64");
    }
    String width = matcher.group(2);
    try {
      return new Layout(matcher.group(1), width.isEmpty() ? 0 : Integer.parseInt(width));
    } catch (IllegalArgumentException e) {
      throw new ReadProblem(IrCode.BAD_TYPE, node.getSymbol(), e.getMessage());
    }
  }

  private static Dim dim(QirParser.DimContext context) {
    try {
      Dim dim = Dim.of(1);
      for (QirParser.FactorContext factor : context.factor()) {
        dim = dim.times(
            factor.INT() != null
                ? Dim.of(wholeNumber(factor.INT().getSymbol()))
                : Dim.symbol(factor.word().getText()));
      }
      return dim;
    } catch (ArithmeticException e) {
      throw new ReadProblem(
          IrCode.NUMBER_RANGE, context.getStart(), "the size does not fit 64 bits");
    } catch (IllegalArgumentException e) {
      throw new ReadProblem(IrCode.BAD_TYPE, context.getStart(), e.getMessage());
    }
  }

  /** The value of a whole number. */
  static long wholeNumber(Token token) {
    try {
      return Long.parseLong(token.getText());
    } catch (NumberFormatException e) {
      throw new ReadProblem(
          IrCode.NUMBER_RANGE,
          token,
          "whole numbers are " + Long.MIN_VALUE + ".." + Long.MAX_VALUE + ", found "
              + Places.quoted(token));
    }
  }

  private ElementType element(QirParser.ElementContext context) {
    String name = context.IDENTIFIER().getText();
    if (context.attributes() != null && name.equals("q")) {
      return quantized(context);
    }
    return ScalarType.named(name)
        .filter(type -> context.attributes() == null)
        .orElseThrow(() -> new ReadProblem(
            IrCode.BAD_TYPE,
            context.getStart(),
            "found element kind " + Places.quoted(context.getStart()) + ", expected one of "
                + String.join(", ", scalars()) + " or q<...>",
            NearestName.of(name, scalars())
                .map(n -> "did you mean '" + n + "'?")
                .orElse("")));
  }

  private static List<String> scalars() {
    return Stream.of(ScalarType.values()).map(ScalarType::text).toList();
  }

  private QuantType quantized(QirParser.ElementContext context) {
    Attributes fields = attributes.attributes(context.attributes());
    try {
      for (String field : fields.values().keySet()) {
        if (!List.of("range", "cell", "per", "group", "scale").contains(field)) {
          throw new IllegalArgumentException("a quantized element has no field '" + field + "'");
        }
      }
      for (String field : List.of("range", "cell", "per", "scale")) {
        if (!fields.has(field)) {
          throw new IllegalArgumentException("a quantized element needs field '" + field + "'");
        }
      }
      String scale = fields.word("scale");
      return new QuantType(
          Math.toIntExact(fields.integer("range")),
          Math.toIntExact(fields.integer("cell")),
          granularity(fields.word("per")),
          Math.toIntExact(fields.integer("group", 0)),
          ScalarType.named(scale)
              .orElseThrow(() -> new IllegalArgumentException("no element kind '" + scale + "'")));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ReadProblem(IrCode.BAD_TYPE, context.getStart(), e.getMessage());
    }
  }

  private static Granularity granularity(String word) {
    for (Granularity granularity : Granularity.values()) {
      if (granularity.name().toLowerCase(Locale.ROOT).equals(word)) {
        return granularity;
      }
    }
    throw new IllegalArgumentException(
        "scales are per tensor, token, channel or group, found '" + word + "'");
  }
}
