package org.quantcache.importers.stdit3;

import java.util.List;
import java.util.Map;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.diagnostics.UserError;

/** Finds the sizes of a program in the tensors that it will be given. */
public final class RequestOfInputs {
  private RequestOfInputs() {}

  /**
   * The forward pass that takes these inputs: {@code x}, {@code timestep}, {@code y}, {@code fps}, {@code height},
   * {@code width} and, where present, {@code mask} and {@code x_mask}; with {@code skip_y_embedder} {@code y_lens}
   * and no mask.
   *
   * @param sizes sizes of each tensor by name
   * @throws UserError IM0506 that lists every missing, misshapen and unknown tensor
   */
  public static ForwardRequest forward(
      StditConfig config, Map<String, List<Long>> sizes, List<String> taps) {
    InputSizes inputs = new InputSizes(sizes);
    inputs.required("x", "B " + config.inChannels() + " T H W");
    inputs.required("timestep", "B");
    if (config.skipYEmbedder()) {
      inputs.required("y", "1 P " + config.hiddenSize());
      inputs.required("y_lens", "B");
    } else {
      inputs.required("y", "B 1 L " + config.captionChannels());
      inputs.optional("mask", "R L");
      requireTokens(config, inputs);
      inputs.rule(
          inputs.size("B") % inputs.size("R") == 0,
          "'mask' has " + inputs.size("R") + " rows, expected a divisor of the batch of "
              + inputs.size("B"));
    }
    inputs.optional("x_mask", "B T");
    inputs.required("fps", "B");
    inputs.required("height", "B");
    inputs.required("width", "B");
    inputs.ignored("num_frames", "ar");
    inputs.finish(ForwardProgram.NAME);
    return new ForwardRequest(
        inputs.size("B"),
        latent(inputs),
        inputs.has("mask") ? inputs.size("R") : 0,
        inputs.has("x_mask"),
        taps);
  }

  /**
   * The sampling loop that takes these inputs: {@code z}, {@code y}, {@code height}, {@code width},
   * {@code num_frames}, {@code fps} and, where present, {@code mask}, {@code guidance}, {@code cond_mask} and
   * {@code noise_draws}.
   *
   * @param sizes sizes of each tensor by name
   * @throws UserError IM0504 or IM0505 for a model that the sampler cannot use, IM0506 that lists every missing,
   *     misshapen and unknown tensor
   */
  public static SampleRequest sample(
      StditConfig config, Map<String, List<Long>> sizes, SamplerSettings settings) {
    SampleProgram.requireSampler(config);
    InputSizes inputs = new InputSizes(sizes);
    inputs.required("z", "B " + config.inChannels() + " T H W");
    inputs.required("y", "B 1 L " + config.captionChannels());
    inputs.optional("mask", "B L");
    requireTokens(config, inputs);
    for (String scalar : List.of("height", "width", "num_frames", "fps")) {
      inputs.required(scalar, "B");
    }
    inputs.optional("guidance", "1");
    inputs.optional("cond_mask", "B T");
    inputs.optional("noise_draws", settings.steps() + " B " + config.inChannels() + " T H W");
    inputs.rule(
        inputs.has("cond_mask") || !inputs.has("noise_draws"),
        "'noise_draws' comes without 'cond_mask'");
    inputs.ignored("ar");
    inputs.finish(SampleProgram.NAME);
    return new SampleRequest(
        inputs.size("B"),
        latent(inputs),
        inputs.has("mask"),
        inputs.has("cond_mask"),
        settings.trainSteps(),
        settings.transform(),
        settings.discrete());
  }

  private static void requireTokens(StditConfig config, InputSizes inputs) {
    int tokens = inputs.size("L");
    inputs.rule(
        tokens <= config.modelMaxLength(),
        "'y' has " + tokens + " tokens, expected at most " + config.modelMaxLength());
  }

  private static LatentShape latent(InputSizes inputs) {
    return new LatentShape(inputs.size("T"), inputs.size("H"), inputs.size("W"));
  }
}
