package org.quantcache.ir.text;

import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.types.TensorType;

/**
 * Reads the text form. Operations go through the same builder, and so the same checks, as operations made by code. The
 * first error of syntax ends reading; errors of meaning are collected over the whole text.
 */
public final class IrParser {
  private IrParser() {}

  /**
   * The module that {@code text} spells.
   *
   * @param fileName for messages and locations
   * @throws org.quantcache.ir.diagnostics.UserError IR01xx with every error that was found
   */
  public static IrModule parse(String text, String fileName, OpRegistry registry) {
    Diagnostics diagnostics = new Diagnostics();
    diagnostics.addSource(fileName, text);
    QirParser parser = parser(text, fileName, diagnostics);
    QirParser.FileContext tree = syntax(parser::file, diagnostics);
    IrModule module = new ModuleReader(registry, new Places(fileName, diagnostics)).read(tree);
    diagnostics.throwIfErrors();
    return module;
  }

  /** A type on its own, such as {@code f32[2, L]}. @throws org.quantcache.ir.diagnostics.UserError IR01xx */
  public static TensorType parseType(String text) {
    return alone(
        text,
        "type",
        (parser, places) -> new TypeReader(places).type(parser.typeOnly().type()));
  }

  /**
   * An attribute on its own, such as {@code #plan<steps = 100, computed = [0, 1]>}; text without aliases.
   *
   * @throws org.quantcache.ir.diagnostics.UserError IR01xx
   */
  public static Attribute parseAttribute(String text) {
    return alone(
        text,
        "attribute",
        (parser, places) -> new AttributeReader(new TypeReader(places), places)
            .value(parser.attributeOnly().attributeValue()));
  }

  private static <T> T alone(String text, String what, BiFunction<QirParser, Places, T> reader) {
    Diagnostics diagnostics = new Diagnostics();
    diagnostics.addSource(what, text);
    Places places = new Places(what, diagnostics);
    QirParser parser = parser(text, what, diagnostics);
    try {
      return syntax(() -> reader.apply(parser, places), diagnostics);
    } catch (ReadProblem problem) {
      places.report(problem);
      throw diagnostics.toUserError();
    }
  }

  private static QirParser parser(String text, String fileName, Diagnostics diagnostics) {
    QirLexer lexer = new QirLexer(CharStreams.fromString(text));
    lexer.removeErrorListeners();
    CommonTokenStream tokens = new CommonTokenStream(lexer);
    Places places = new Places(fileName, diagnostics);
    new NestingLimit(places).check(tokens);
    diagnostics.throwIfErrors();
    QirParser parser = new QirParser(tokens);
    parser.removeErrorListeners();
    parser.setErrorHandler(new NoRepair(places));
    return parser;
  }

  private static <T> T syntax(Supplier<T> rule, Diagnostics diagnostics) {
    try {
      return rule.get();
    } catch (ParseCancellationException e) {
      throw diagnostics.toUserError();
    }
  }
}
