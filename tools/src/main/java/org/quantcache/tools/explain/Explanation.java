package org.quantcache.tools.explain;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/**
 * One decision with its reasons.
 *
 * @param subject the guard or layer
 * @param step index of the step, from 0
 * @param outcome computed, reused, pruned or not reached
 * @param reason why, in a sentence
 * @param inputs what the decision rests on, by name, in reading order
 * @param flips what would turn it round
 */
public record Explanation(
    String subject,
    int step,
    String outcome,
    String reason,
    Map<String, String> inputs,
    List<Flip> flips) {
  private static final int NAMES = 22;

  public Explanation {
    inputs = ImmutableMap.copyOf(inputs);
    flips = ImmutableList.copyOf(flips);
  }

  /** The explanation as text. */
  public void print(PrintWriter out) {
    out.println(subject + " at step " + step + ": " + outcome);
    out.println("  " + reason);
    inputs.forEach((name, value) -> line(out, name, value));
    out.println(
        flips.isEmpty() ? "nothing by itself would change it" : "what by itself would change it");
    flips.forEach(flip -> line(out, flip.what(), flip.text()));
  }

  private static void line(PrintWriter out, String name, String value) {
    out.println(("  " + name + " ".repeat(NAMES)).substring(0, Math.max(NAMES, name.length() + 3))
        + " " + value);
  }
}
