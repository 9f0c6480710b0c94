package org.quantcache.tools.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.ProgramSignature.Parameter;
import org.quantcache.kernels.tensor.Tensor;

/** Inputs of one forward pass that need no user: for timing a model, and for a first look at it. */
public final class ForwardInputs {
  /** The middle of the 1000 training steps. */
  private static final double TIMESTEP = 500;

  private ForwardInputs() {}

  /**
   * A tensor for every parameter: noise for latent (stream 0) and text (stream 1) of the greatest length, all tokens
   * and frames counting.
   */
  public static Map<String, Tensor> seeded(ProgramSignature signature, long seed) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    TensorType latent = signature.parameters().get(0).type();
    for (Parameter parameter : signature.parameters()) {
      List<Long> sizes = parameter.type().dims().stream()
          .map(d -> d.evaluate(signature.bounds()::get))
          .toList();
      ScalarType element = (ScalarType) parameter.type().element();
      out.put(
          parameter.name(),
          switch (parameter.name()) {
            case "x" -> SeededTensors.noise(sizes, seed, 0);
            case "y" -> SeededTensors.noise(sizes, seed, 1);
            case "timestep" -> SeededTensors.filled(element, sizes, TIMESTEP);
            case "fps" -> SeededTensors.filled(element, sizes, SampleInputs.FRAME_RATE);
            case "height" -> pixels(sizes, latent, 3);
            case "width" -> pixels(sizes, latent, 4);
            case "y_lens" -> lengths(sizes.get(0), out.get("y").size(1));
            default -> SeededTensors.filled(element, sizes, 1);
          });
    }
    return out;
  }

  /** Splits packed tokens evenly; the last sample takes the rest. */
  private static Tensor lengths(long samples, long tokens) {
    long each = tokens / samples;
    Tensor out = SeededTensors.filled(ScalarType.I64, List.of(samples), each);
    out.set(Math.toIntExact(samples) - 1, tokens - each * (samples - 1));
    return out;
  }

  private static Tensor pixels(List<Long> sizes, TensorType latent, int axis) {
    return SeededTensors.filled(
        sizes.get(0), (double) SampleInputs.PIXELS_PER_LATENT * latent.size(axis));
  }
}
