package org.quantcache.tools.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.quantcache.ir.diagnostics.UserError;

/**
 * A sampling loop that was timed, or why it was not.
 *
 * @param build what ran
 * @param steps of the loop
 * @param decisions where decisions came from, in words
 * @param measured what was found; all of it is empty where the row failed
 * @param failure coded error; empty where there is none
 */
public record SamplingRow(
    String build, int steps, String decisions, Measured measured, String failure) {
  /**
   * Numbers of a loop. Times are told of cards alone.
   *
   * @param computed steps at which the block stack was computed
   * @param pruned how often a layer or branch was left out of these
   * @param weightBits mean stored bits of a weight of the blocks
   * @param loop seconds of the loop: inputs on the host to latents on the host, median
   * @param whole seconds from nothing loaded to the first latents
   * @param mebibytes of the card at most, without its context
   * @param distance relative L2 distance of the latents to those of eager PyTorch
   * @param kernels milliseconds of each kernel in one loop, the longest first
   */
  public record Measured(
      OptionalDouble computed,
      OptionalDouble pruned,
      OptionalDouble weightBits,
      OptionalDouble loop,
      OptionalDouble whole,
      OptionalDouble mebibytes,
      OptionalDouble distance,
      Map<String, Double> kernels) {
    static final Measured NOTHING = new Measured(
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        Map.of());
  }

  /** A row of a loop that did not come to its end. */
  static SamplingRow failed(String build, int steps, String decisions, Throwable why) {
    String text = why instanceof UserError error
        ? error.code() + ": " + error.getMessage()
        : why instanceof OutOfMemoryError
            ? "CL0004: out of memory: " + why.getMessage()
            : "CL0003: internal failure: " + why;
    return new SamplingRow(build, steps, decisions, Measured.NOTHING, text);
  }

  /** The same with the distance of its latents to those of eager PyTorch. */
  SamplingRow withDistance(OptionalDouble distance) {
    Measured m = measured;
    Measured with = new Measured(
        m.computed, m.pruned, m.weightBits, m.loop, m.whole, m.mebibytes, distance, m.kernels);
    return new SamplingRow(build, steps, decisions, with, failure);
  }

  /** Whether it failed. */
  public boolean hasFailed() {
    return !failure.isEmpty();
  }

  /** Reads a row of {@link #facts}. */
  static SamplingRow of(JsonNode node) {
    Map<String, Double> kernels = new LinkedHashMap<>();
    node.path("kernels_ms")
        .properties()
        .forEach(e -> kernels.put(e.getKey(), e.getValue().asDouble()));
    return new SamplingRow(
        node.path("build").asText(),
        node.path("steps").asInt(),
        node.path("decisions").asText(),
        new Measured(
            number(node, "computed_steps"),
            number(node, "pruned"),
            number(node, "weight_bits"),
            number(node, "loop_s"),
            number(node, "end_to_end_s"),
            number(node, "memory_mib"),
            number(node, "distance"),
            kernels),
        node.path("failure").asText());
  }

  private static OptionalDouble number(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
  }

  /** For JSON. */
  Map<String, Object> facts() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("build", build);
    out.put("steps", steps);
    out.put("decisions", decisions);
    put(out, "computed_steps", measured.computed);
    put(out, "pruned", measured.pruned);
    put(out, "weight_bits", measured.weightBits);
    put(out, "loop_s", measured.loop);
    put(out, "end_to_end_s", measured.whole);
    put(out, "memory_mib", measured.mebibytes);
    put(out, "distance", measured.distance);
    if (!measured.kernels.isEmpty()) {
      out.put("kernels_ms", measured.kernels);
    }
    if (hasFailed()) {
      out.put("failure", failure);
    }
    return out;
  }

  private static void put(Map<String, Object> out, String name, OptionalDouble value) {
    value.ifPresent(v -> out.put(name, v));
  }
}
