package org.quantcache.tools.explain;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoublePredicate;

/**
 * One change by itself that would turn a decision round, everything before it being as it was.
 *
 * @param what would have to change
 * @param found as it is; empty where it is no number
 * @param needed the nearest value that turns the decision round; empty where it is no number
 * @param text the whole in words
 */
public record Flip(String what, OptionalDouble found, OptionalDouble needed, String text) {
  /** A change that is no number. */
  static Flip of(String what, String text) {
    return new Flip(what, OptionalDouble.empty(), OptionalDouble.empty(), text);
  }

  /** A number that would have to become another one. */
  static Flip of(String what, double found, double needed, String outcome) {
    String side = needed > found ? "at least " : "at most ";
    return new Flip(
        what,
        OptionalDouble.of(found),
        OptionalDouble.of(needed),
        side + Numbers.of(needed) + " instead of " + Numbers.of(found) + " ("
            + Numbers.change(found, needed) + "): " + outcome);
  }

  /** The least value above {@code value} with another decision. @param edges where decisions may change */
  static OptionalDouble above(double value, List<Double> edges, DoublePredicate decision) {
    boolean now = decision.test(value);
    return edges.stream()
        .flatMap(edge -> List.of(edge, Math.nextUp(edge)).stream())
        .filter(edge -> edge > value && decision.test(edge) != now)
        .mapToDouble(Double::doubleValue)
        .min();
  }

  /** The largest value below {@code value} with another decision. @param edges where decisions may change */
  static OptionalDouble below(double value, List<Double> edges, DoublePredicate decision) {
    boolean now = decision.test(value);
    return edges.stream()
        .flatMap(edge -> List.of(edge, Math.nextDown(edge)).stream())
        .filter(edge -> edge < value && decision.test(edge) != now)
        .mapToDouble(Double::doubleValue)
        .max();
  }
}
