package org.quantcache.ir.policy;

import java.util.Locale;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * A layer is left out where the layers before it resemble each other; method section 3, paper equations 9 to 11.
 *
 * @param tauLow similarity of the two layers before from which on a layer may be left out, in -1..tauHigh
 * @param tauHigh similarity above which it is left out for sure, in tauLow..1
 * @param probability how often it is left out in between, in 0..1
 * @param evidence which similarities count
 * @param deltaLow variation below which {@code relax} comes off {@code tauHigh}; 0 for never
 * @param deltaHigh variation above which nothing is left out
 * @param relax what comes off, 0..2
 * @param window computed steps over which variation is summed up, 1..100
 * @param inARow how many times in a row a layer may be left out, 1..1000; what it adds grows old meanwhile
 * @param seed of the decisions by chance
 */
public record SimilarityPolicy(
    double tauLow,
    double tauHigh,
    double probability,
    Evidence evidence,
    double deltaLow,
    double deltaHigh,
    double relax,
    long window,
    long inARow,
    long seed)
    implements PrunePolicy {
  /** Variation that no layer reaches. */
  public static final double NEVER = 1e9;

  static final String KIND = "prune";
  private static final long MOST_WINDOW = 100;

  /** Which similarities count. */
  public enum Evidence {
    /** Those of this very step. */
    SAME_STEP,
    /** Those of the last step at which both layers were computed. */
    LAST_COMPUTED;

    /** Spelling in IR and options. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static Evidence of(String text) {
      for (Evidence value : values()) {
        if (value.text().equals(text)) {
          return value;
        }
      }
      throw new IllegalArgumentException("evidence is same_step or last_computed, found " + text);
    }
  }

  /** @throws IllegalArgumentException when thresholds are out of order or a number has no meaning */
  public SimilarityPolicy {
    GuardPolicy.require(
        tauLow >= -1 && tauLow <= tauHigh && tauHigh <= 1,
        "tau_low and tau_high are similarities, -1..1, in order",
        tauLow + " and " + tauHigh);
    GuardPolicy.require(probability >= 0 && probability <= 1, "probability is 0..1", probability);
    GuardPolicy.require(
        deltaLow >= 0 && deltaLow <= deltaHigh && deltaHigh <= NEVER,
        "delta_low and delta_high are variations, 0.." + NEVER + ", in order",
        deltaLow + " and " + deltaHigh);
    GuardPolicy.require(relax >= 0 && relax <= 2, "relax is 0..2", relax);
    GuardPolicy.require(window >= 1 && window <= MOST_WINDOW, "window is 1..100", window);
    GuardPolicy.require(
        inARow >= 1 && inARow <= GuardPolicy.MOST_STEPS, "in_a_row is 1..1000", inARow);
  }

  /** Whether variation plays a part. */
  public boolean variationCounts() {
    return deltaHigh < NEVER || (deltaLow > 0 && relax > 0);
  }

  @Override
  public Attribute attribute() {
    return new Attribute.StructAttr(
        KIND,
        Attributes.of("tau_low", Attribute.of(tauLow))
            .with("tau_high", Attribute.of(tauHigh))
            .with("probability", Attribute.of(probability))
            .with("evidence", Attribute.word(evidence.text()))
            .with("delta_low", Attribute.of(deltaLow))
            .with("delta_high", Attribute.of(deltaHigh))
            .with("relax", Attribute.of(relax))
            .with("window", Attribute.of(window))
            .with("in_a_row", Attribute.of(inARow))
            .with("seed", Attribute.of(seed)));
  }

  static SimilarityPolicy of(Attributes fields) {
    return new SimilarityPolicy(
        fields.real("tau_low"),
        fields.real("tau_high"),
        fields.real("probability"),
        Evidence.of(fields.word("evidence")),
        fields.real("delta_low"),
        fields.real("delta_high"),
        fields.real("relax"),
        fields.integer("window"),
        fields.integer("in_a_row"),
        fields.integer("seed"));
  }
}
