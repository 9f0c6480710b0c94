package org.quantcache.passes.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One expectation on the printed IR, as a comment of the test file: {@code CHECK}, {@code CHECK-NEXT},
 * {@code CHECK-SAME}, {@code CHECK-NOT}, {@code CHECK-DAG}, {@code CHECK-LABEL} or {@code CHECK-COUNT-n}. Blanks match
 * any blanks; <code>{{...}}</code> is a regular expression, {@code [[NAME:...]]} one whose text is kept, and
 * {@code [[NAME]]} that text.
 *
 * @param kind what follows {@code CHECK-}, {@code PLAIN} for nothing
 * @param count how often, for {@code COUNT}
 * @param pattern what to find
 * @param line in the test file, from 1
 */
record CheckLine(Kind kind, int count, String pattern, int line) {
  enum Kind {
    PLAIN,
    NEXT,
    SAME,
    NOT,
    DAG,
    LABEL,
    COUNT
  }

  private static final Pattern FORM =
      Pattern.compile("^\\s*//\\s*CHECK(?:-([A-Z]+)(?:-([0-9]+))?)?:\\s*(.*?)\\s*$");
  private static final Pattern HOLE =
      Pattern.compile("\\{\\{(.*?)}}|\\[\\[([A-Z_][A-Z0-9_]*)(?::(.*?))?]]");

  /** The expectations of a text, in order. */
  static List<CheckLine> of(String text, int firstLine) {
    List<CheckLine> out = new ArrayList<>();
    int line = firstLine;
    for (String comment : text.split("\n", -1)) {
      read(comment, line).ifPresent(out::add);
      line++;
    }
    return out;
  }

  private static Optional<CheckLine> read(String comment, int line) {
    Matcher form = FORM.matcher(comment);
    if (!form.matches()) {
      return Optional.empty();
    }
    Kind kind = form.group(1) == null ? Kind.PLAIN : Kind.valueOf(form.group(1));
    int count = form.group(2) == null ? 1 : Integer.parseInt(form.group(2));
    if ((kind == Kind.COUNT) != (form.group(2) != null) || form.group(3).isEmpty()) {
      throw new IllegalArgumentException("line " + line + ": not a check: " + comment.strip());
    }
    return Optional.of(new CheckLine(kind, count, form.group(3), line));
  }

  /** The pattern as a regular expression; names of holes become group names, known ones their text. */
  Pattern regex(Map<String, String> known) {
    StringBuilder out = new StringBuilder();
    Matcher hole = HOLE.matcher(pattern);
    List<String> here = new ArrayList<>();
    int at = 0;
    while (hole.find()) {
      out.append(literal(pattern.substring(at, hole.start())));
      at = hole.end();
      if (hole.group(1) != null) {
        out.append("(?:").append(hole.group(1)).append(')');
      } else if (hole.group(3) != null) {
        out.append("(?<")
            .append(group(hole.group(2)))
            .append('>')
            .append(hole.group(3))
            .append(')');
        here.add(hole.group(2));
      } else if (here.contains(hole.group(2))) {
        out.append("\\k<").append(group(hole.group(2))).append('>');
      } else {
        out.append(Pattern.quote(value(hole.group(2), known)));
      }
    }
    return Pattern.compile(out.append(literal(pattern.substring(at))).toString());
  }

  /** Names of the holes whose text is to be kept. */
  List<String> captures() {
    List<String> out = new ArrayList<>();
    Matcher hole = HOLE.matcher(pattern);
    while (hole.find()) {
      if (hole.group(3) != null) {
        out.add(hole.group(2));
      }
    }
    return out;
  }

  /** A legal group name of a regular expression. */
  static String group(String capture) {
    return "c" + capture.replace("_", "z");
  }

  private String value(String name, Map<String, String> known) {
    String value = known.get(name);
    if (value == null) {
      throw new IllegalArgumentException("line " + line + ": nothing was kept as " + name);
    }
    return value;
  }

  private static String literal(String text) {
    StringBuilder out = new StringBuilder();
    for (String part : text.split("(?<=\\s)(?=\\S)|(?<=\\S)(?=\\s)")) {
      out.append(part.isBlank() && !part.isEmpty() ? "\\s+" : Pattern.quote(part));
    }
    return out.toString();
  }
}
