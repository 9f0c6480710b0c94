package org.quantcache.codegen.executor;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Values from outside, such as paths of a model, names of series or steps of a plan, as parts of Java source. */
final class JavaText {
  private JavaText() {}

  /** A string literal. */
  static String literal(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (isPlain(c)) {
        out.append(c);
      } else {
        // A code below a space would end the line even inside of a literal; its octal form does
        // not.
        out.append(String.format(Locale.ROOT, c < ' ' ? "\\%03o" : "\\u%04x", (int) c));
      }
    }
    return out.append('"').toString();
  }

  /** An immutable list of whole numbers. */
  static String longs(List<Long> values) {
    return list(values, "L");
  }

  /** An immutable list of real numbers. */
  static String reals(List<Double> values) {
    return list(values, "");
  }

  private static String list(List<?> values, String suffix) {
    return values.stream().map(n -> n + suffix).collect(Collectors.joining(", ", "List.of(", ")"));
  }

  /** Part of a name; different texts give different names. */
  static String identifier(String text) {
    StringBuilder out = new StringBuilder();
    for (char c : text.toCharArray()) {
      boolean plain = c == '_' || (c < 128 && Character.isLetterOrDigit(c));
      out.append(plain ? String.valueOf(c) : "$" + Integer.toHexString(c));
    }
    return out.toString();
  }

  /** Part of a comment up to the end of its line. A backslash could begin the code of a line end. */
  static String comment(String text) {
    StringBuilder out = new StringBuilder();
    for (char c : text.toCharArray()) {
      out.append(c == '\\' ? '/' : isPlain(c) ? c : '?');
    }
    return out.toString();
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c <= '~';
  }
}
