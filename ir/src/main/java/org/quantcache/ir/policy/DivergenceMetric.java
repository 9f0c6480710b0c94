package org.quantcache.ir.policy;

import java.util.Locale;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * How a guard reads what its probes saw; method section 1, paper equation 5.
 *
 * @param norm what a change is measured against
 * @param gap what a change is spread over
 * @param motion factor from the change between frames
 * @param motionMean mean of the inter-frame gradient over average content, at which the factor {@code RATIO} is 1
 * @param noiseFloor relative change that quantization alone causes; it is taken out of every change
 */
public record DivergenceMetric(
    Norm norm, Gap gap, Motion motion, double motionMean, double noiseFloor) {
  /** The plain relative change. */
  public static final DivergenceMetric RELATIVE =
      new DivergenceMetric(Norm.L1_REL, Gap.ACTUAL, Motion.OFF, 1, 0);

  /** Name of the field of a policy that holds a metric, and kind of that field's value. */
  static final String FIELD = "metric";

  /** What a change is measured against. */
  public enum Norm {
    /** Against the magnitude of the value before, so that thresholds carry over between layers and models. */
    L1_REL,
    /** Mean absolute change of an element, the paper's literal form made independent of the size. */
    L1_ABS;

    /** Spelling in IR and options. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a change is spread over. */
  public enum Gap {
    /** The steps since the value was computed last. */
    ACTUAL,
    /** The interval that was chosen then, as in AdaCache; steps that are computed anyway may have cut it short. */
    PLANNED;

    /** Spelling in IR and options. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Factor from the change between frames; g is the inter-frame gradient, k the steps since the last computed one. */
  public enum Motion {
    OFF,
    /** (g + |g - g before| / k) / mean g. */
    RATIO,
    /** |g - g before| / k, as printed in the paper. */
    LITERAL;

    /** Spelling in IR and options. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** @throws IllegalArgumentException when a number has no meaning */
  public DivergenceMetric {
    if (!(motionMean > 0) || !Double.isFinite(motionMean)) {
      throw new IllegalArgumentException("motion_mean is positive, found " + motionMean);
    }
    if (!(noiseFloor >= 0) || noiseFloor >= 1) {
      throw new IllegalArgumentException("noise_floor is 0..1, found " + noiseFloor);
    }
  }

  /** Reads the metric among the fields of a policy. @throws IllegalArgumentException when there is none */
  static DivergenceMetric in(Attributes fields) {
    if (!(fields.get(FIELD) instanceof Attribute.StructAttr metric)
        || !metric.name().equals(FIELD)) {
      throw new IllegalArgumentException("metric is #metric<...>, found " + fields.text());
    }
    return of(metric.fields());
  }

  private static DivergenceMetric of(Attributes fields) {
    return new DivergenceMetric(
        word(Norm.class, fields.word("norm")),
        word(Gap.class, fields.word("gap")),
        word(Motion.class, fields.word("motion")),
        fields.real("motion_mean"),
        fields.real("noise_floor"));
  }

  /** The form that {@link #in} reads. */
  public Attribute attribute() {
    return new Attribute.StructAttr(
        FIELD,
        Attributes.of("norm", Attribute.word(norm.text()))
            .with("gap", Attribute.word(gap.text()))
            .with("motion", Attribute.word(motion.text()))
            .with("motion_mean", Attribute.of(motionMean))
            .with("noise_floor", Attribute.of(noiseFloor)));
  }

  private static <E extends Enum<E>> E word(Class<E> kind, String text) {
    for (E value : kind.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new IllegalArgumentException("no " + kind.getSimpleName() + " '" + text + "'");
  }
}
