package org.quantcache.ir.policy;

import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * Steps of a loop that are computed whatever was measured.
 *
 * @param warmup first steps
 * @param tail last steps
 * @param from part of the loop before which every step is computed, in 0..1
 * @param until part of the loop from which on every step is computed, in 0..1
 */
public record AlwaysComputed(long warmup, long tail, double from, double until) {
  /** @throws IllegalArgumentException when a number has no meaning */
  public AlwaysComputed {
    GuardPolicy.requireSteps("warmup is", 1, warmup);
    GuardPolicy.requireSteps("tail is", 0, tail);
    GuardPolicy.require(
        from >= 0 && from <= until && until <= 1,
        "from and until are parts of the loop, 0..1, in order",
        from + " and " + until);
  }

  /** Reads what {@link #in} adds. */
  static AlwaysComputed of(Attributes fields) {
    return new AlwaysComputed(
        fields.integer("warmup"),
        fields.integer("tail"),
        fields.real("from"),
        fields.real("until"));
  }

  /** The fields with these steps. */
  Attributes in(Attributes fields) {
    return fields
        .with("warmup", Attribute.of(warmup))
        .with("tail", Attribute.of(tail))
        .with("from", Attribute.of(from))
        .with("until", Attribute.of(until));
  }

  /** Whether a step of a loop of {@code steps} is among them. */
  boolean contains(int step, int steps) {
    boolean outside = step < from * steps || step >= until * steps;
    return outside || step < warmup || step >= steps - tail;
  }
}
