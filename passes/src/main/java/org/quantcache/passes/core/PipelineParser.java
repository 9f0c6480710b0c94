package org.quantcache.passes.core;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.core.Pipeline.Element;
import org.quantcache.passes.core.Pipeline.Fixpoint;
import org.quantcache.passes.core.Pipeline.Step;

/**
 * Reads pipeline text by recursive descent.
 *
 * <pre>{@code
 *   pipeline := element (',' element)*
 *   element  := NAME options? | 'fixpoint' '(' pipeline ')' options?
 *   options  := '{' (NAME ('=' value)? (',' NAME ('=' value)?)*)? '}'
 * }</pre>
 */
final class PipelineParser {
  private static final int DEEPEST = 8;

  private final String text;
  private final Map<String, PassFactory> known;
  private int at;
  private int depth;

  PipelineParser(String text, Map<String, PassFactory> known) {
    this.text = text;
    this.known = ImmutableMap.copyOf(known);
  }

  /** @throws UserError PA0101..PA0104 */
  Pipeline pipeline() {
    if (text.isBlank()) {
      return new Pipeline(List.of());
    }
    List<Element> elements = elements();
    skipBlanks();
    if (at < text.length()) {
      throw unexpected("',' or the end");
    }
    return new Pipeline(elements);
  }

  private List<Element> elements() {
    List<Element> elements = new ArrayList<>();
    do {
      elements.add(element());
    } while (accept(','));
    return elements;
  }

  private Element element() {
    skipBlanks();
    int start = at;
    String name = name("a pass name");
    if (name.equals(Fixpoint.NAME)) {
      return fixpoint(start);
    }
    PassFactory factory = known.get(name);
    if (factory == null) {
      throw UserError.of("PA0101", "%s", "no pass '" + name + "'" + caret(start))
          .withHint(
              "%s",
              NearestName.of(name, known.keySet())
                      .map(n -> "did you mean '" + n + "'? ")
                      .orElse("") + "known: " + known.keySet());
    }
    Options options = placed(
        start, () -> Options.of(factory.info(), accept('{') ? options() : Map.of(), Fault.OPTION));
    return new Step(factory.maker().apply(options), options);
  }

  private Fixpoint fixpoint(int start) {
    if (++depth > DEEPEST) {
      throw UserError.of("PA0104", "pipeline: fixpoints are nested more than %d deep", DEEPEST);
    }
    require('(', "'('");
    List<Element> inner = elements();
    require(')', "',' or ')'");
    depth--;
    return placed(start, () -> Fixpoint.of(inner, accept('{') ? options() : Map.of()));
  }

  /** Adds the place to an error about options. */
  private <T> T placed(int column, Supplier<T> made) {
    try {
      return made.get();
    } catch (UserError e) {
      // Errors of syntax show their place already.
      throw e.code().equals("PA0104")
          ? e
          : UserError.of(e.code(), "%s", e.getMessage() + caret(column)).withHint("%s", e.hint());
    }
  }

  private Map<String, String> options() {
    Map<String, String> out = new LinkedHashMap<>();
    if (accept('}')) {
      return out;
    }
    do {
      String name = name("an option name");
      String value = accept('=') ? word("a value", "-_.:/") : "true";
      if (out.putIfAbsent(name, value) != null) {
        throw UserError.of("PA0104", "%s", "option '" + name + "' is given twice" + caret(at));
      }
    } while (accept(','));
    require('}', "',' or '}'");
    return out;
  }

  private String name(String what) {
    return word(what, "-_.");
  }

  private String word(String what, String marks) {
    skipBlanks();
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || marks.indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    if (at == start) {
      throw unexpected(what);
    }
    return text.substring(start, at);
  }

  private void require(char c, String expected) {
    if (!accept(c)) {
      throw unexpected(expected);
    }
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
    return System.lineSeparator() + "  " + text + System.lineSeparator() + "  " + " ".repeat(column)
        + "^";
  }
}
