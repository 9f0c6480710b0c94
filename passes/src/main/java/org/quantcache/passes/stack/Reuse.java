package org.quantcache.passes.stack;

import java.util.List;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;

/**
 * What is added in place of work that is not done.
 *
 * @param history tensors that are kept for it: one is held, two are continued as a line, three as a parabola
 * @param reach how far those are followed, in gaps between the last two computed steps
 */
public record Reuse(int history, double reach) {
  /** In the order of the tensors that they keep. */
  private static final List<String> WORDS = List.of("hold", "linear", "quadratic");

  /** Options {@code reuse} and {@code reach}. */
  public static List<OptionSpec> options() {
    return List.of(
        OptionSpec.word(
            "reuse",
            WORDS.get(0),
            WORDS,
            "what is added in place of work that is not done: the cached value, or where the last two or three are heading"),
        OptionSpec.real(
            "reach",
            1,
            0,
            1000,
            "how far a line or parabola is followed, in gaps between the last two computed steps"));
  }

  /** What these options say. */
  public static Reuse of(Options options) {
    return new Reuse(1 + WORDS.indexOf(options.word("reuse")), options.real("reach"));
  }
}
