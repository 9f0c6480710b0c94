package org.quantcache.ir.text;

import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.Token;
import org.quantcache.ir.diagnostics.IrCode;

/** Refuses deep nesting before the recursive parser meets it. */
record NestingLimit(Places places) {
  private static final int DEEPEST = 100;

  void check(CommonTokenStream tokens) {
    tokens.fill();
    int depth = 0;
    for (Token token : tokens.getTokens()) {
      String text = token.getText();
      if (text.length() != 1) {
        continue;
      }
      if ("[{(<".contains(text)) {
        depth++;
      } else if ("]})>".contains(text)) {
        depth--;
      }
      if (depth > DEEPEST) {
        places.error(
            IrCode.NESTED_TOO_DEEP, token, "brackets are nested more than " + DEEPEST + " deep");
        return;
      }
    }
  }
}
