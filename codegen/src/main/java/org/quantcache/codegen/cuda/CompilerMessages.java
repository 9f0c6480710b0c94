package org.quantcache.codegen.cuda;

import org.quantcache.ir.diagnostics.UserError;

/** What compilers say about sources that they refuse. */
final class CompilerMessages {
  private CompilerMessages() {}

  /** The error for the user. */
  static UserError refused(String compiler, String architecture, String messages) {
    return UserError.of(
            "CG0403",
            "%s refuses the kernels for %s: %s",
            compiler,
            architecture,
            firstError(messages))
        .withHint("this is a fault of the compiler, or %s is older than the card", compiler);
  }

  private static String firstError(String messages) {
    return messages
        .lines()
        .filter(line -> line.contains("error") || line.contains("fatal"))
        .findFirst()
        .orElse(messages.strip());
  }
}
