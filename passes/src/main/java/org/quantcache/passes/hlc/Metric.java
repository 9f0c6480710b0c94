package org.quantcache.passes.hlc;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.DivergenceMetric.Gap;
import org.quantcache.ir.policy.DivergenceMetric.Motion;
import org.quantcache.ir.policy.DivergenceMetric.Norm;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;

/** A metric of divergence as options. */
final class Metric {
  private Metric() {}

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
            Motion.OFF.text(),
            words(Motion.values(), Motion::text),
            "factor of the divergence from the change between frames"),
        OptionSpec.real(
            "motion-mean", 1, 1e-6, 1e6, "inter-frame gradient at which the motion factor is 1"),
        OptionSpec.real(
            "noise-floor", 0, 0, 0.99, "relative change that quantization alone causes"));
  }

  static DivergenceMetric of(Options options) {
    return new DivergenceMetric(
        Norm.valueOf(options.word("norm").toUpperCase(Locale.ROOT)),
        Gap.valueOf(options.word("gap").toUpperCase(Locale.ROOT)),
        Motion.valueOf(options.word("motion").toUpperCase(Locale.ROOT)),
        options.real("motion-mean"),
        options.real("noise-floor"));
  }

  private static <E> List<String> words(E[] values, Function<E, String> text) {
    return Arrays.stream(values).map(text).toList();
  }
}
