package org.quantcache.ir.text;

import java.util.Set;
import java.util.TreeSet;
import org.antlr.v4.runtime.DefaultErrorStrategy;
import org.antlr.v4.runtime.InputMismatchException;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.atn.ATNState;
import org.antlr.v4.runtime.misc.IntervalSet;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.quantcache.ir.diagnostics.IrCode;

/** Reports the first error of syntax and stops: a token is never invented or dropped. */
final class NoRepair extends DefaultErrorStrategy {
  private static final int MOST_EXPECTED = 8;

  private final Places places;

  NoRepair(Places places) {
    this.places = places;
  }

  @Override
  public void recover(Parser parser, RecognitionException problem) {
    throw stop(parser, problem.getOffendingToken(), problem);
  }

  @Override
  public Token recoverInline(Parser parser) {
    throw stop(parser, parser.getCurrentToken(), null);
  }

  /** Stops at the first token that fits nowhere, while all that was possible there is still known. */
  @Override
  public void sync(Parser parser) {
    ATNState state = parser.getATN().states.get(parser.getState());
    IntervalSet next = parser.getATN().nextTokens(state);
    if (!next.contains(parser.getInputStream().LA(1)) && !next.contains(Token.EPSILON)) {
      throw stop(parser, parser.getCurrentToken(), new InputMismatchException(parser));
    }
  }

  @Override
  public void reportError(Parser parser, RecognitionException problem) {}

  private ParseCancellationException stop(
      Parser parser, Token found, RecognitionException problem) {
    if (found.getType() == QirLexer.OPEN_STRING) {
      places.error(IrCode.BAD_QUOTED_TEXT, found, "the quoted text is not closed on its line");
    } else {
      places.error(
          IrCode.SYNTAX,
          found,
          "found " + Places.quoted(found) + ", expected " + expected(parser, problem));
    }
    return new ParseCancellationException(problem);
  }

  private static String expected(Parser parser, RecognitionException problem) {
    IntervalSet tokens = problem == null ? parser.getExpectedTokens() : problem.getExpectedTokens();
    Set<String> names = new TreeSet<>();
    for (int type : tokens.toList()) {
      boolean word = type == QirLexer.MODULE || type == QirLexer.FUNC || type == QirLexer.LOC;
      if (!word || !tokens.contains(QirLexer.IDENTIFIER)) {
        names.add(describe(parser, type));
      }
    }
    if (names.size() > MOST_EXPECTED) {
      return String.join(", ", names.stream().limit(MOST_EXPECTED).toList()) + " or others";
    }
    return String.join(" or ", names);
  }

  private static String describe(Parser parser, int type) {
    return switch (type) {
      case Token.EOF -> "the end of the text";
      case QirLexer.VALUE -> "a value like %x";
      case QirLexer.SYMBOL -> "a symbol like @name";
      case QirLexer.TYPE_ALIAS -> "a type alias like !name";
      case QirLexer.STRUCT -> "a group like #name";
      case QirLexer.OP_NAME -> "an operation like math.add";
      case QirLexer.IDENTIFIER -> "a word";
      case QirLexer.FLOAT -> "a float";
      case QirLexer.INT -> "a whole number";
      case QirLexer.STRING -> "a quoted text";
      default -> parser.getVocabulary().getDisplayName(type);
    };
  }
}
