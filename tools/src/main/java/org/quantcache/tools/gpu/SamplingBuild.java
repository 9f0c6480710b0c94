package org.quantcache.tools.gpu;

import java.util.List;
import java.util.Locale;

/**
 * A way to compile a model whose sampling loop is timed.
 *
 * @param name in tables
 * @param passes pipeline text
 * @param unpacked whether its weights of 4 bits lie in a byte each
 * @param adaptive whether it decides by what it measures, so that decisions have to be recorded elsewhere
 * @param decisions where its decisions come from, in words
 */
public record SamplingBuild(
    String name, String passes, boolean unpacked, boolean adaptive, String decisions) {
  private static final String W4A6 = "@none,aigq{weights=4,activations=6}";
  private static final String NONE = "none: every step is computed";

  /** The build that others are compared with. */
  public static final SamplingBuild LOSSLESS =
      new SamplingBuild("lossless", "@none", false, false, NONE);

  /** All of them. */
  public static final List<SamplingBuild> ALL = List.of(
      LOSSLESS,
      new SamplingBuild("W8A8", "@none,aigq", false, false, NONE),
      new SamplingBuild("W4A6", W4A6, false, false, NONE),
      new SamplingBuild("W4A6-unpacked", W4A6, true, false, NONE),
      new SamplingBuild(
          "paper",
          "@paper",
          false,
          true,
          "those of the sample model's run with the same preset and steps, by relative depth"),
      new SamplingBuild(
          "fast",
          "@fast",
          false,
          false,
          "the plan of the sample model's calibration, by relative depth"));

  /** Name of its artifact without weights. */
  String file() {
    return "sampling-" + name.toLowerCase(Locale.ROOT) + ".qca";
  }
}
