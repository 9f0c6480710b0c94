package org.quantcache.passes.bisect;

import java.util.List;
import java.util.Optional;

/**
 * The pass, and if one alone is at fault the rewrite, with which a check begins to fail.
 *
 * @param number of the pass in the pipeline, from 1
 * @param pass its name
 * @param step it as pipeline text, with all options
 * @param rewrite the one at fault; empty when the pass is wrong with none of its rewrites made
 * @param problem what is wrong behind it
 * @param required numbers of the passes behind it that cannot be skipped
 */
public record Culprit(
    int number,
    String pass,
    String step,
    Optional<Rewrite> rewrite,
    String problem,
    List<Integer> required) {
  /**
   * One rewrite.
   *
   * @param number in the run of its pass, from 1
   * @param event what it was
   * @param at where, as paths of the source model
   * @param diff what it changed in the module, with what followed from it
   */
  public record Rewrite(long number, String event, String at, String diff) {}

  public Culprit {
    required = List.copyOf(required);
  }

  /** Flags of {@code qcc opt} that leave the rewrite in, or out. */
  public String flags(Side side) {
    StringBuilder out = new StringBuilder();
    if (rewrite.isPresent()) {
      out.append("--bisect-limit=").append(number);
      long last = rewrite.get().number() - (side == Side.BAD ? 0 : 1);
      out.append(" --rewrite-limit=").append(number).append(':').append(last);
    } else {
      out.append("--bisect-limit=").append(side == Side.BAD ? number : number - 1);
    }
    required.forEach(pass -> out.append(" --rewrite-limit=").append(pass).append(":0"));
    return out.toString();
  }

  /** The two sides of a culprit. */
  public enum Side {
    BAD,
    GOOD
  }
}
