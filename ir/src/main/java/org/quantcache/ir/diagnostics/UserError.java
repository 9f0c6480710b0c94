package org.quantcache.ir.diagnostics;

import java.util.Locale;
import java.util.Objects;

/**
 * A failure that the user can mend: bad input, a wrong option, a full disk. It carries a stable code
 * ({@code IR...} text and structure, {@code IM...} importers, {@code PA...} passes, {@code CG...} code
 * generation, {@code RT...} run time and artifacts, {@code CL...} command line), says what was found and what
 * was expected, and where one is known a hint. The command line prints {@link #report()} and exits with 1;
 * nobody ever sees its stack trace.
 */
public final class UserError extends RuntimeException {
  private final String code;
  private final String hint;

  private UserError(String code, String message, String hint, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code);
    this.hint = Objects.requireNonNull(hint);
  }

  /** An error with a formatted message ({@link Locale#ROOT}). */
  public static UserError of(String code, String format, Object... arguments) {
    return new UserError(code, format(format, arguments), "", null);
  }

  /** The same error with the fix that the user should try. */
  public UserError withHint(String format, Object... arguments) {
    UserError copy = new UserError(code, getMessage(), format(format, arguments), getCause());
    copy.setStackTrace(getStackTrace());
    return copy;
  }

  /** The same error with the failure that lies below it. */
  public UserError causedBy(Throwable cause) {
    UserError copy = new UserError(code, getMessage(), hint, cause);
    copy.setStackTrace(getStackTrace());
    return copy;
  }

  /** Stable identifier, two letters and four digits. */
  public String code() {
    return code;
  }

  /** What to try, or the empty string. */
  public String hint() {
    return hint;
  }

  /** The text that a user sees: {@code error[XX0000]: what happened} and a hint line where there is one. */
  public String report() {
    String first = "error[" + code + "]: " + getMessage();
    return hint.isEmpty() ? first : first + System.lineSeparator() + "hint: " + hint;
  }

  private static String format(String format, Object... arguments) {
    return arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments);
  }
}
