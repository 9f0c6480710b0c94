package org.quantcache.ir.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.antlr.v4.runtime.Token;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.attributes.QuotedText;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.text.QirParser.AttributeValueContext;

/** Attribute values and lists of attributes. */
record AttributeReader(TypeReader types, Places places) {

  /** The attributes, none for {@code null}. */
  Attributes attributes(QirParser.AttributesContext context) {
    if (context == null) {
      return Attributes.NONE;
    }
    Map<String, Attribute> values = new TreeMap<>();
    for (QirParser.AttributeContext attribute : context.attribute()) {
      String name = attribute.word().getText();
      Attribute value = attribute.attributeValue() == null
          ? Attribute.of(true)
          : value(attribute.attributeValue());
      if (values.putIfAbsent(name, value) != null) {
        throw new ReadProblem(
            IrCode.DEFINED_TWICE, attribute.getStart(), "attribute '" + name + "' is given twice");
      }
    }
    return Attributes.of(values);
  }

  /** The value. */
  Attribute value(AttributeValueContext context) {
    if (context instanceof QirParser.IntValueContext) {
      return Attribute.of(TypeReader.wholeNumber(context.getStart()));
    }
    if (context instanceof QirParser.FloatValueContext) {
      return Attribute.of(real(context.getStart()));
    }
    if (context instanceof QirParser.StringValueContext) {
      return Attribute.string(unquote(context.getStart()));
    }
    if (context instanceof QirParser.SymbolValueContext) {
      return Attribute.symbol(context.getText().substring(1));
    }
    if (context instanceof QirParser.ListValueContext list) {
      List<Attribute> values = new ArrayList<>();
      for (AttributeValueContext element : list.attributeValue()) {
        values.add(value(element));
      }
      return new Attribute.ListAttr(values);
    }
    if (context instanceof QirParser.StructValueContext struct) {
      return new Attribute.StructAttr(
          struct.STRUCT().getText().substring(1), attributes(struct.attributes()));
    }
    if (context instanceof QirParser.TypeValueContext type) {
      return Attribute.type(types.type(type.type()));
    }
    return word(context.getText());
  }

  private static Attribute word(String text) {
    return switch (text) {
      case "nan" -> Attribute.of(Double.NaN);
      case "inf" -> Attribute.of(Double.POSITIVE_INFINITY);
      default -> Attribute.word(text);
    };
  }

  private static double real(Token token) {
    if (token.getType() == QirLexer.MINUS_INF) {
      return Double.NEGATIVE_INFINITY;
    }
    double value = Double.parseDouble(token.getText());
    if (Double.isInfinite(value)) {
      throw new ReadProblem(
          IrCode.NUMBER_RANGE,
          token,
          "found float " + Places.quoted(token) + ", the largest is " + Double.MAX_VALUE);
    }
    return value;
  }

  /** The value of a quoted text. */
  static String unquote(Token token) {
    try {
      return QuotedText.unquote(token.getText());
    } catch (IllegalArgumentException e) {
      throw new ReadProblem(IrCode.BAD_QUOTED_TEXT, token, e.getMessage());
    }
  }
}
