package org.quantcache.tools.pipeline;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.ProgramSignature.Parameter;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.VideoSettings;

/**
 * Inputs of a sampling program that need no user: noise from the seed (stream 0 the initial latent, stream 1 the draws
 * of all steps), picture size and frame rate, guidance.
 */
public final class SampleInputs {
  static final int PIXELS_PER_LATENT = 8;
  static final float FRAME_RATE = 24;

  private SampleInputs() {}

  /** Videos that the program makes at once. */
  public static long videos(ProgramSignature signature) {
    return parameter(signature, "z").type().size(0);
  }

  /** A tensor for every parameter but text and masks. */
  public static Map<String, Tensor> defaults(
      ProgramSignature signature, SampleModel sample, SamplerSettings settings, long seed) {
    List<Long> z = sizes(parameter(signature, "z"), settings.steps());
    long videos = z.get(0);
    Map<String, Tensor> out = new LinkedHashMap<>();
    out.put("z", SeededTensors.noise(z, seed, 0));
    out.put(
        "height",
        SeededTensors.filled(
            videos,
            sample
                .video()
                .map(VideoSettings::height)
                .orElse((double) PIXELS_PER_LATENT * z.get(3))));
    out.put(
        "width",
        SeededTensors.filled(
            videos,
            sample
                .video()
                .map(VideoSettings::width)
                .orElse((double) PIXELS_PER_LATENT * z.get(4))));
    out.put(
        "fps",
        SeededTensors.filled(
            videos, sample.video().map(VideoSettings::fps).orElse((double) FRAME_RATE)));
    out.put(
        "num_frames",
        SeededTensors.filled(
            videos, sample.video().map(VideoSettings::numFrames).orElse(frames(z.get(2)))));
    out.put("guidance", SeededTensors.filled(1, settings.guidance()));
    signature.parameters().stream()
        .filter(p -> p.name().equals("noise_draws"))
        .forEach(p ->
            out.put("noise_draws", SeededTensors.noise(sizes(p, settings.steps()), seed, 1)));
    return out;
  }

  /** A tensor for every parameter: text of the greatest length is noise (stream 2), masks let everything count. */
  public static Map<String, Tensor> seeded(
      ProgramSignature signature, SampleModel sample, SamplerSettings settings, long seed) {
    Map<String, Tensor> out = new LinkedHashMap<>(defaults(signature, sample, settings, seed));
    for (Parameter parameter : signature.parameters()) {
      List<Long> sizes = parameter.type().dims().stream()
          .map(d -> d.evaluate(signature.bounds()::get))
          .toList();
      if (parameter.name().equals("y")) {
        out.put("y", SeededTensors.noise(sizes, seed, 2));
      } else if (!out.containsKey(parameter.name())) {
        out.put(
            parameter.name(),
            SeededTensors.filled((ScalarType) parameter.type().element(), sizes, 1));
      }
    }
    return out;
  }

  /** Everything that the program reads for a calibration case, in so many steps. @throws UserError CL0402 */
  public static Map<String, Tensor> of(
      ProgramSignature signature, SampleModel sample, int steps, Case one) {
    SamplerSettings settings = sample.sampler().withSteps(steps);
    return prompted(signature, sample, settings, List.of(one.prompt()), one.seed());
  }

  /**
   * Everything that the program reads for prompts.
   *
   * @param prompts one for each video of the program, or one for all
   * @throws UserError CL0401 for another number of prompts, CL0402 when the model has no text table
   */
  public static Map<String, Tensor> prompted(
      ProgramSignature signature,
      SampleModel sample,
      SamplerSettings settings,
      List<String> prompts,
      long seed) {
    Map<String, Tensor> out = new LinkedHashMap<>(defaults(signature, sample, settings, seed));
    int videos = (int) videos(signature);
    if (prompts.size() != videos && prompts.size() != 1) {
      throw UserError.of(
              "CL0401",
              "the artifact makes %d videos at once, found %d prompts",
              videos,
              prompts.size())
          .withHint("give one prompt for each video, or one for all");
    }
    List<String> all =
        prompts.size() == videos ? prompts : Collections.nCopies(videos, prompts.get(0));
    Tensor text = sample
        .text()
        .orElseThrow(
            () -> UserError.of("CL0402", "this model has no text table, so it takes no --prompt")
                .withHint("give the text embedding as tensor 'y': --inputs FILE"))
        .encode(all);
    out.put("y", text);
    signature.parameters().stream()
        .filter(p -> p.name().equals("mask"))
        .findFirst()
        .ifPresent(p -> out.put("mask", everyToken(p.type().size(0), text.size(2))));
    return out;
  }

  /** A mask by which every token of a prompt counts. */
  private static Tensor everyToken(long rows, long tokens) {
    Tensor mask = Tensor.zeros(ScalarType.I64, List.of(rows, tokens));
    for (int i = 0; i < mask.count(); i++) {
      mask.set(i, 1);
    }
    return mask;
  }

  /** Video frames of a latent: 17 for every 5, 4 for each further one; one picture for one. */
  private static double frames(long latentFrames) {
    return latentFrames == 1 ? 1 : 17 * (latentFrames / 5) + 4 * (latentFrames % 5);
  }

  private static Parameter parameter(ProgramSignature signature, String name) {
    return signature.parameters().stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<Long> sizes(Parameter parameter, int steps) {
    return parameter.type().dims().stream()
        .map(d -> d.evaluate(symbol -> symbol.equals(ProgramSignature.STEPS) ? steps : 1))
        .toList();
  }
}
