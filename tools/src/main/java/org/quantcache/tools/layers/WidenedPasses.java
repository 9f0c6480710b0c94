package org.quantcache.tools.layers;

import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.pipelines.AllPasses;

/** A pipeline that rounds, with more bits for some layers. */
final class WidenedPasses {
  private static final Pattern PRESET = Pattern.compile("@([A-Za-z0-9.-]+)");
  private static final Pattern ROUNDING = Pattern.compile("\\baigq\\b(\\{([^}]*)})?");
  private static final Pattern LAYERS = Pattern.compile("\\blayers=([^,}]*)");

  private final String passes;
  private final String width;

  /**
   * Takes a pipeline.
   *
   * @param passes pipeline text
   * @param width what widened layers get: bits, or {@code float}
   * @throws UserError CL0744 when it does not hold aigq once, PA0106 for an unknown preset
   */
  WidenedPasses(String passes, String width) {
    this.passes = PRESET
        .matcher(passes)
        .replaceAll(found -> Matcher.quoteReplacement(AllPasses.preset(found.group(1))));
    this.width = width;
    long roundings = ROUNDING.matcher(this.passes).results().count();
    if (roundings != 1) {
      throw UserError.of(
              "CL0744", "the pipeline holds aigq %d times, expected once: %s", roundings, passes)
          .withHint("for instance --passes '@none,aigq{weights=4}', or --preset fast");
    }
  }

  /** The pipeline with more bits for these layers. */
  String with(Collection<String> layers) {
    if (layers.isEmpty()) {
      return passes;
    }
    String widened = layers.stream().map(l -> l + ":" + width).collect(Collectors.joining("/"));
    return ROUNDING
        .matcher(passes)
        .replaceFirst(
            found -> Matcher.quoteReplacement("aigq{" + options(found.group(2), widened) + "}"));
  }

  private static String options(String given, String widened) {
    if (given == null || given.isBlank()) {
      return "layers=" + widened;
    }
    Matcher before = LAYERS.matcher(given);
    if (!before.find()) {
      return given + ",layers=" + widened;
    }
    String all = before.group(1).equals("none") ? widened : before.group(1) + "/" + widened;
    return before.replaceFirst(Matcher.quoteReplacement("layers=" + all));
  }
}
