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
 * @param least smallest whole number
 * @param most largest whole number
 * @param words legal words, for kind WORD
 * @param summary one line
 */
public record OptionSpec(
    String name,
    Kind kind,
    String otherwise,
    long least,
    long most,
    List<String> words,
    String summary) {
  /** Kind of an option's value. */
  public enum Kind {
    INT,
    FLAG,
    WORD
  }

  public OptionSpec {
    words = ImmutableList.copyOf(words);
  }

  /** A whole number in a range. */
  public static OptionSpec integer(
      String name, long otherwise, long least, long most, String summary) {
    return new OptionSpec(
        name, Kind.INT, Long.toString(otherwise), least, most, List.of(), summary);
  }

  /** True or false. */
  public static OptionSpec flag(String name, boolean otherwise, String summary) {
    return new OptionSpec(
        name, Kind.FLAG, Boolean.toString(otherwise), 0, 0, List.of("true", "false"), summary);
  }

  /** One of some words. */
  public static OptionSpec word(String name, String otherwise, List<String> words, String summary) {
    return new OptionSpec(name, Kind.WORD, otherwise, 0, 0, words, summary);
  }

  /** @throws UserError PA0103 when the value is not of this option's kind or outside of its range */
  void check(String pass, String value) {
    boolean legal = kind == Kind.INT ? isInRange(value) : words.contains(value);
    if (!legal) {
      throw UserError.of(
          "PA0103", "option '%s' of pass '%s' is '%s', expected %s", name, pass, value, expected());
    }
  }

  /** Which values are legal, in words. */
  public String expected() {
    return kind == Kind.INT ? "a whole number in " + least + ".." + most : "one of " + words;
  }

  private boolean isInRange(String value) {
    if (!value.matches("-?[0-9]{1,18}")) {
      return false;
    }
    long number = Long.parseLong(value);
    return number >= least && number <= most;
  }
}
