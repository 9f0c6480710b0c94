package org.quantcache.ir.attributes;

import java.util.Locale;

/**
 * Quoted text of the text form. The escapes are {@code \" \\ \n \r \t} and {@code \}{@code uXXXX} for every other
 * character that does not print or that UTF-8 cannot carry alone.
 */
public final class QuotedText {
  private QuotedText() {}

  /** {@code value} in quotes. */
  public static String quote(String value) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean pair = Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1));
      if (pair) {
        out.append(c).append(value.charAt(++i));
      } else {
        appendEscaped(out, c);
      }
    }
    return out.append('"').toString();
  }

  private static void appendEscaped(StringBuilder out, char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (prints(c)) {
          out.append(c);
        } else {
          out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        }
      }
    }
  }

  private static boolean prints(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED -> false;
      default -> true;
    };
  }

  /**
   * The value of a quoted text.
   *
   * @throws IllegalArgumentException when the quotes are missing or an escape is unknown
   */
  public static String unquote(String text) {
    if (text.length() < 2 || !text.startsWith("\"") || !text.endsWith("\"")) {
      throw new IllegalArgumentException("text in quotes is expected, found " + text);
    }
    StringBuilder out = new StringBuilder();
    int end = text.length() - 1;
    for (int i = 1; i < end; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' && i + 1 == end) {
        throw new IllegalArgumentException("the quoted text ends before its last character");
      }
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char kind = text.charAt(++i);
      if (kind == 'u') {
        out.append(codeUnit(text, i + 1, end));
        i += 4;
      } else {
        out.append(plainEscape(kind));
      }
    }
    return out.toString();
  }

  private static char plainEscape(char kind) {
    return switch (kind) {
      case '"' -> '"';
      case '\\' -> '\\';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default ->
        throw new IllegalArgumentException(
            "no escape '\\" + kind + "'; known are \\\" \\\\ \\n \\r \\t and \\uXXXX");
    };
  }

  private static char codeUnit(String text, int from, int end) {
    if (from + 4 > end || !text.substring(from, from + 4).matches("[0-9a-fA-F]{4}")) {
      throw new IllegalArgumentException("\\u needs four hexadecimal digits");
    }
    return (char) Integer.parseInt(text.substring(from, from + 4), 16);
  }
}
