package org.quantcache.tools.gpu;

import java.util.List;
import java.util.Locale;

/**
 * A way to compile a model whose sampling loop is timed.
 *
 * @param name in tables
 * @param passes pipeline text
 * @param adaptive whether it decides by what it measures, so that decisions have to be recorded elsewhere
 * @param decisions where its decisions come from, in words
 */
public record SamplingBuild(String name, String passes, boolean adaptive, String decisions) {
  private static final String NONE = "none: every step is computed";

  /** The build that others are compared with. */
  public static final SamplingBuild LOSSLESS = new SamplingBuild("lossless", "@none", false, NONE);

  /** All of them. */
  public static final List<SamplingBuild> ALL = List.of(
      LOSSLESS,
      new SamplingBuild("W8A8", "@none,aigq", false, NONE),
      new SamplingBuild("W4A6", "@none,aigq{weights=4,activations=6}", false, NONE),
      new SamplingBuild(
          "paper",
          "@paper",
          true,
          "those of the sample model's run with the same preset and steps, by relative depth"),
      new SamplingBuild(
          "fast", "@fast", false, "the plan of the sample model's calibration, by relative depth"));

  /** Name of its artifact without weights. */
  String file() {
    return "sampling-" + name.toLowerCase(Locale.ROOT) + ".qca";
  }
}
