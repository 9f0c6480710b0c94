package org.quantcache.passes.bisect;

import java.util.OptionalLong;

/**
 * One try of a bisection.
 *
 * @param passes number of the last pass that ran; required ones behind it made no rewrites
 * @param rewrites number of the last rewrite that this pass made, if there was a limit
 * @param problem what was wrong, or the empty string
 */
public record Probe(int passes, OptionalLong rewrites, String problem) {
  public boolean isGood() {
    return problem.isEmpty();
  }

  /** As in {@code passes 1..5, rewrites 1..3 of the last one: good}. */
  public String text() {
    String limit = rewrites.isEmpty()
        ? ""
        : ", " + range("rewrite", rewrites.getAsLong()) + " of the last one";
    return range("pass", passes) + limit + ": " + (isGood() ? "good" : "bad: " + problem);
  }

  private static String range(String what, long last) {
    String many = what.endsWith("s") ? what + "es" : what + "s";
    return last == 0 ? "no " + many : last == 1 ? what + " 1" : many + " 1.." + last;
  }
}
