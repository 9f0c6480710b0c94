package org.quantcache.passes.hlc;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.DivergenceMetric.Gap;
import org.quantcache.ir.policy.DivergenceMetric.Motion;
import org.quantcache.ir.policy.DivergenceMetric.Norm;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.DivergenceCurve;
import org.quantcache.passes.calibration.NoiseFloor;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.stack.RoundedProducts;

/**
 * A metric of divergence as options. What is {@code auto} comes from a calibration, which knows the default probe alone;
 * where it knows nothing, there is no factor of motion and no noise floor.
 */
final class Metric {
  private static final String AUTO = "auto";

  private final DivergenceMetric fixed;
  private final boolean floorFollows;
  private final Optional<Calibration> calibration;

  private Metric(DivergenceMetric fixed, boolean floorFollows, Optional<Calibration> calibration) {
    this.fixed = fixed;
    this.floorFollows = floorFollows;
    this.calibration = calibration;
  }

  static List<OptionSpec> options() {
    return List.of(
        OptionSpec.word(
            "norm",
            Norm.L1_REL.text(),
            words(Norm.values(), Norm::text),
            "what a change is measured against: the value before, or nothing as in the paper"),
        OptionSpec.word(
            "gap",
            Gap.ACTUAL.text(),
            words(Gap.values(), Gap::text),
            "what a change is spread over: the steps since, or the interval that was planned"),
        OptionSpec.word(
            "motion",
            AUTO,
            Stream.concat(Stream.of(AUTO), words(Motion.values(), Motion::text).stream())
                .toList(),
            "factor of the divergence from the change between frames; auto is ratio where motion-mean is known, else off"),
        OptionSpec.text(
            "motion-mean",
            AUTO,
            AUTO + "|(?=.*[1-9])[0-9]{1,6}([.][0-9]{1,9})?",
            "auto, or a positive number such as 0.2",
            "inter-frame gradient at which the motion factor is 1; auto takes the mean of the calibration"),
        OptionSpec.text(
            "noise-floor",
            AUTO,
            AUTO + "|0([.][0-9]{1,9})?",
            "auto, or a number from 0 to below 1",
            "relative change that quantization alone causes; auto takes what the calibration measured for grids like those of the module, 0 where no product is quantized yet"));
  }

  /**
   * Reads the options.
   *
   * @param calibration what is known of the probe that the guards have
   * @throws UserError PA0510 when motion=ratio lacks a mean
   */
  static Metric of(Options options, Optional<Calibration> calibration) {
    OptionalDouble mean = options.word("motion-mean").equals(AUTO)
        ? calibration
            .flatMap(Calibration::divergence)
            .map(DivergenceCurve::motionMean)
            .orElse(OptionalDouble.empty())
        : OptionalDouble.of(Double.parseDouble(options.word("motion-mean")));
    Motion motion = motion(options.word("motion"), mean);
    boolean floorFollows = options.word("noise-floor").equals(AUTO);
    DivergenceMetric fixed = new DivergenceMetric(
        Norm.valueOf(options.word("norm").toUpperCase(Locale.ROOT)),
        Gap.valueOf(options.word("gap").toUpperCase(Locale.ROOT)),
        motion,
        motion == Motion.RATIO ? mean.getAsDouble() : 1,
        floorFollows ? 0 : Double.parseDouble(options.word("noise-floor")));
    return new Metric(fixed, floorFollows, calibration);
  }

  private static Motion motion(String word, OptionalDouble mean) {
    if (word.equals(AUTO)) {
      return mean.isPresent() ? Motion.RATIO : Motion.OFF;
    }
    Motion motion = Motion.valueOf(word.toUpperCase(Locale.ROOT));
    if (motion == Motion.RATIO && mean.isEmpty()) {
      throw UserError.of(
              "PA0510", "motion=ratio needs the mean of the motion, and no calibration knows it")
          .withHint(
              "make one with 'qcc calibrate', which measures the default probe of at=stack, or give motion-mean");
    }
    return motion;
  }

  /** The metric as far as it does not depend on a module: without a noise floor that follows the grids. */
  DivergenceMetric fixed() {
    return fixed;
  }

  /** The metric for a loop, whose products may be rounded already. */
  DivergenceMetric of(Operation loop, Rewriter rewriter) {
    Optional<NoiseFloor.Bits> bits =
        floorFollows ? RoundedProducts.bits(rewriter.module(), loop) : Optional.empty();
    if (bits.isEmpty()) {
      return fixed;
    }
    Optional<NoiseFloor> floor = calibration.flatMap(c -> c.noise(bits.get()));
    if (floor.isEmpty()) {
      rewriter.reportMissed(
          "NoiseFloor",
          loop.location(),
          "no noise floor is known of this probe with grids such as these, so none is taken off");
      return fixed;
    }
    return new DivergenceMetric(
        fixed.norm(),
        fixed.gap(),
        fixed.motion(),
        fixed.motionMean(),
        floor.get().floor());
  }

  private static <E> List<String> words(E[] values, Function<E, String> text) {
    return Arrays.stream(values).map(text).toList();
  }
}
