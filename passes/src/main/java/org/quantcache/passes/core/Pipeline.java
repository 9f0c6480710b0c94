package org.quantcache.passes.core;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;

/**
 * A list of passes with options, as text {@code fold,fuse,lower{panel-width=32}}. Prints itself back with all options.
 */
public final class Pipeline {
  /** One pass with the values of its options. */
  public record Step(Pass pass, Options options) {
    String text() {
      return pass.info().name() + options.text();
    }
  }

  private final List<Step> steps;

  private Pipeline(List<Step> steps) {
    this.steps = ImmutableList.copyOf(steps);
  }

  /** Parses pipeline text. @throws UserError PA0101..PA0104 with the place of the problem */
  public static Pipeline parse(String text, Map<String, PassFactory> known) {
    return new Parser(text, ImmutableMap.copyOf(known)).pipeline();
  }

  public List<Step> steps() {
    return steps;
  }

  /** The text with every option. */
  public String text() {
    return steps.stream().map(Step::text).collect(Collectors.joining(","));
  }

  private static final class Parser {
    private final String text;
    private final Map<String, PassFactory> known;
    private int at;

    Parser(String text, Map<String, PassFactory> known) {
      this.text = text;
      this.known = known;
    }

    Pipeline pipeline() {
      List<Step> steps = new ArrayList<>();
      if (text.isBlank()) {
        return new Pipeline(steps);
      }
      do {
        steps.add(step());
      } while (accept(','));
      skipBlanks();
      if (at < text.length()) {
        throw unexpected("',' or the end");
      }
      return new Pipeline(steps);
    }

    private Step step() {
      skipBlanks();
      int start = at;
      String name = name("a pass name");
      PassFactory factory = known.get(name);
      if (factory == null) {
        throw UserError.of("PA0101", "%s", "no pass '" + name + "'" + caret(start))
            .withHint(
                "%s",
                NearestName.of(name, known.keySet())
                        .map(n -> "did you mean '" + n + "'? ")
                        .orElse("")
                    + "known: " + known.keySet());
      }
      Options options = Options.of(factory.info(), accept('{') ? options() : Map.of());
      return new Step(factory.maker().apply(options), options);
    }

    private Map<String, String> options() {
      Map<String, String> out = new LinkedHashMap<>();
      if (accept('}')) {
        return out;
      }
      do {
        String name = name("an option name");
        String value = accept('=') ? name("a value") : "true";
        if (out.putIfAbsent(name, value) != null) {
          throw UserError.of("PA0104", "%s", "option '" + name + "' is given twice" + caret(at));
        }
      } while (accept(','));
      if (!accept('}')) {
        throw unexpected("',' or '}'");
      }
      return out;
    }

    private String name(String what) {
      skipBlanks();
      int start = at;
      while (at < text.length()
          && (Character.isLetterOrDigit(text.charAt(at)) || "-_.".indexOf(text.charAt(at)) >= 0)) {
        at++;
      }
      if (at == start) {
        throw unexpected(what);
      }
      return text.substring(start, at);
    }

    private boolean accept(char c) {
      skipBlanks();
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void skipBlanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private UserError unexpected(String expected) {
      String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
      return UserError.of(
          "PA0104", "%s", "pipeline: expected " + expected + ", found " + found + caret(at));
    }

    private String caret(int column) {
      return System.lineSeparator() + "  " + text + System.lineSeparator() + "  "
          + " ".repeat(column) + "^";
    }
  }
}
