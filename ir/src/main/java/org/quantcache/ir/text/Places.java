package org.quantcache.ir.text;

import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.diagnostics.Diagnostic;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.diagnostics.IrCode;

/** Turns tokens into locations and reports findings there. */
record Places(String file, Diagnostics diagnostics) {
  private static final int LONGEST_QUOTE = 40;

  Location of(Token token) {
    return Location.at(file, token.getLine(), token.getCharPositionInLine() + 1);
  }

  Location of(ParserRuleContext context) {
    return of(context.getStart());
  }

  Location of(TerminalNode node) {
    return of(node.getSymbol());
  }

  void report(ReadProblem problem) {
    diagnostics.add(new Diagnostic(
        problem.code().code(),
        org.quantcache.ir.diagnostics.Severity.ERROR,
        of(problem.token()),
        problem.getMessage(),
        java.util.List.of(),
        problem.hint()));
  }

  void error(IrCode code, Token token, String message) {
    diagnostics.add(Diagnostic.error(code, of(token), message));
  }

  /** The token's text in quotes, cut when long. */
  static String quoted(Token token) {
    if (token.getType() == Token.EOF) {
      return "the end of the text";
    }
    String text = token.getText();
    int end =
        text.offsetByCodePoints(0, Math.min(LONGEST_QUOTE, text.codePointCount(0, text.length())));
    return "'" + text.substring(0, end) + (end < text.length() ? "..." : "") + "'";
  }
}
