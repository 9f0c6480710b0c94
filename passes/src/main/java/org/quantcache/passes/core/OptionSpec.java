package org.quantcache.passes.core;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/**
 * One option of a pass.
 *
 * @param name kebab-case
 * @param kind of the value
 * @param otherwise the value when it is not given, as text
 * @param least smallest number
 * @param most largest number
 * @param words legal words, for kinds WORD and FLAG; the form in words, for kind TEXT
 * @param pattern that the value matches as a whole, for kind TEXT
 * @param summary one line
 */
public record OptionSpec(
    String name,
    Kind kind,
    String otherwise,
    double least,
    double most,
    List<String> words,
    String pattern,
    String summary) {
  /** Kind of an option's value. */
  public enum Kind {
    INT,
    REAL,
    FLAG,
    WORD,
    TEXT
  }

  public OptionSpec {
    words = ImmutableList.copyOf(words);
  }

  /** A whole number in a range. */
  public static OptionSpec integer(
      String name, long otherwise, long least, long most, String summary) {
    return new OptionSpec(
        name, Kind.INT, Long.toString(otherwise), least, most, List.of(), "", summary);
  }

  /** A number in a range. */
  public static OptionSpec real(
      String name, double otherwise, double least, double most, String summary) {
    return new OptionSpec(
        name, Kind.REAL, Double.toString(otherwise), least, most, List.of(), "", summary);
  }

  /** True or false. */
  public static OptionSpec flag(String name, boolean otherwise, String summary) {
    return new OptionSpec(
        name, Kind.FLAG, Boolean.toString(otherwise), 0, 0, List.of("true", "false"), "", summary);
  }

  /** One of some words. */
  public static OptionSpec word(String name, String otherwise, List<String> words, String summary) {
    return new OptionSpec(name, Kind.WORD, otherwise, 0, 0, words, "", summary);
  }

  /** Text of a form of its own: what {@code pattern} matches, {@code form} in words. */
  public static OptionSpec text(
      String name, String otherwise, String pattern, String form, String summary) {
    return new OptionSpec(name, Kind.TEXT, otherwise, 0, 0, List.of(form), pattern, summary);
  }

  /** @throws UserError PA0103 when the value is not of this option's kind or outside of its range */
  void check(String pass, String value) {
    boolean legal = switch (kind) {
      case INT -> value.matches("-?[0-9]{1,15}") && isInRange(value);
      case REAL ->
        value.matches("-?[0-9]{1,15}(\\.[0-9]{1,15})?(E-?[0-9]{1,2})?") && isInRange(value);
      case FLAG, WORD -> words.contains(value);
      case TEXT -> value.matches(pattern);
    };
    if (!legal) {
      throw UserError.of(
              "PA0103",
              "option '%s' of pass '%s' is '%s', expected %s",
              name,
              pass,
              value,
              expected())
          .withHint("without it, the pass takes %s=%s", name, otherwise);
    }
  }

  /** Which values are legal, in words. */
  public String expected() {
    return switch (kind) {
      case INT -> "a whole number in " + (long) least + ".." + (long) most;
      case REAL -> "a number in " + least + ".." + most;
      case FLAG, WORD -> "one of " + words;
      case TEXT -> words.get(0);
    };
  }

  private boolean isInRange(String value) {
    double number = Double.parseDouble(value);
    return number >= least && number <= most;
  }
}
