package org.quantcache.ir.text;

import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.misc.ParseCancellationException;
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
    Diagnostics diagnostics = new Diagnostics();
    String source = "type";
    diagnostics.addSource(source, text);
    QirParser.TypeOnlyContext tree =
        syntax(parser(text, source, diagnostics)::typeOnly, diagnostics);
    Places places = new Places(source, diagnostics);
    TensorType type;
    try {
      type = new TypeReader(places).type(tree.type());
    } catch (ReadProblem problem) {
      places.report(problem);
      throw diagnostics.toUserError();
    }
    return type;
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

  private static <T> T syntax(java.util.function.Supplier<T> rule, Diagnostics diagnostics) {
    try {
      return rule.get();
    } catch (ParseCancellationException e) {
      throw diagnostics.toUserError();
    }
  }
}
