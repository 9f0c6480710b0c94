package org.quantcache.ir.policy;

import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * Bits of activations from computed step to computed step (method section 2, paper eq. 8, with any number of levels).
 *
 * @param levels bits by divergence
 * @param first steps of a loop that take the most bits
 * @param last steps of a loop that take the most bits
 * @param boostAfter steps of a gap behind which a step takes the next higher level; 0 for never
 */
public record BitsPolicy(Levels levels, long first, long last, long boostAfter) {
  private static final String KIND = "bits";
  private static final long LEAST = 4;
  private static final long MOST = 8;

  /** @throws IllegalArgumentException when a number has no meaning */
  public BitsPolicy {
    for (long level : levels.values()) {
      GuardPolicy.require(level >= LEAST && level <= MOST, "levels are 4..8 bits", level);
    }
    for (long steps : List.of(first, last, boostAfter)) {
      GuardPolicy.require(
          steps >= 0 && steps <= GuardPolicy.MOST_STEPS, "numbers of steps are 0..1000", steps);
    }
  }

  /** Reads a policy. @throws IllegalArgumentException when it is none */
  public static BitsPolicy of(Attribute attribute) {
    if (!(attribute instanceof Attribute.StructAttr group) || !group.name().equals(KIND)) {
      throw new IllegalArgumentException("policy is #" + KIND + "<...>, found " + attribute.text());
    }
    Attributes fields = group.fields();
    return new BitsPolicy(
        new Levels(fields.reals("bounds"), fields.longs("levels")),
        fields.integer("first"),
        fields.integer("last"),
        fields.integer("boost_after"));
  }

  /** The form that {@link #of} reads. */
  public Attribute attribute() {
    return new Attribute.StructAttr(
        KIND,
        Attributes.of("bounds", Attribute.reals(levels.bounds()))
            .with("levels", Attribute.longs(levels.values()))
            .with("first", Attribute.of(first))
            .with("last", Attribute.of(last))
            .with("boost_after", Attribute.of(boostAfter)));
  }

  /** The highest level. */
  public int most() {
    return Collections.max(levels.values()).intValue();
  }

  /**
   * Bits of a computed step.
   *
   * @param steps length of the loop
   * @param divergence of the last computed step; the most bits are taken while it is not known
   * @param gap steps since then
   */
  public int bits(int step, int steps, OptionalDouble divergence, int gap) {
    if (step < first || step >= steps - last || divergence.isEmpty()) {
      return most();
    }
    long bits = levels.at(divergence.getAsDouble());
    return (int) (boostAfter > 0 && gap > boostAfter ? higher(bits) : bits);
  }

  private long higher(long bits) {
    return levels.values().stream().filter(l -> l > bits).min(Long::compare).orElse(bits);
  }
}
