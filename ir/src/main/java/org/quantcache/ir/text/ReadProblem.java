package org.quantcache.ir.text;

import org.antlr.v4.runtime.Token;
import org.quantcache.ir.diagnostics.IrCode;

/** One construct of the text has no meaning; caught where reading can go on. */
final class ReadProblem extends RuntimeException {
  private final IrCode code;
  private final transient Token token;
  private final String hint;

  ReadProblem(IrCode code, Token token, String message) {
    this(code, token, message, "");
  }

  ReadProblem(IrCode code, Token token, String message, String hint) {
    super(message, null, false, false);
    this.code = code;
    this.token = token;
    this.hint = hint;
  }

  IrCode code() {
    return code;
  }

  Token token() {
    return token;
  }

  String hint() {
    return hint;
  }
}
