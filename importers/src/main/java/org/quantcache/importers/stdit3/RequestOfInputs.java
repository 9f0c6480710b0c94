package org.quantcache.importers.stdit3;

import java.util.List;
import java.util.Map;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.diagnostics.UserError;

/** Finds the sizes of a program in the tensors that it will be given. */
public final class RequestOfInputs {
  private RequestOfInputs() {}

  /**
   * The forward pass that takes these inputs.
   *
   * @param sizes sizes of each tensor by name
   * @throws UserError IM0506 when the latent or a mask is missing or of the wrong rank
   */
  public static ForwardRequest forward(StditConfig config, Map<String, List<Long>> sizes, List<String> taps) {
    List<Long> x = latent(config, sizes, "x");
    int maskRows = 0;
    if (sizes.containsKey("mask") && !config.skipYEmbedder()) {
      long rows = need(sizes, "mask", 2).get(0);
      if (rows < 1 || x.get(0) % rows != 0) {
        throw UserError.of("IM0506", "input 'mask' has %d rows, which do not divide the batch of %d", rows, x.get(0));
      }
      maskRows = (int) rows;
    }
    return new ForwardRequest(size(x.get(0)), shape(x), maskRows, sizes.containsKey("x_mask"), taps);
  }

  /** The sampling loop that takes these inputs. */
  public static SampleRequest sample(
      StditConfig config, Map<String, List<Long>> sizes, SamplerSettings settings) {
    List<Long> z = latent(config, sizes, "z");
    return new SampleRequest(
        size(z.get(0)),
        shape(z),
        sizes.containsKey("mask"),
        sizes.containsKey("cond_mask"),
        settings.trainSteps(),
        settings.transform(),
        settings.discrete());
  }

  private static List<Long> latent(StditConfig config, Map<String, List<Long>> sizes, String name) {
    List<Long> found = need(sizes, name, 5);
    if (found.get(1) != config.inChannels() || found.get(0) < 1) {
      throw UserError.of("IM0506", "input '%s' has sizes %s, expected [batch, %d, frames, height, width]", name, found,
          config.inChannels());
    }
    return found;
  }

  private static List<Long> need(Map<String, List<Long>> sizes, String name, int rank) {
    List<Long> found = sizes.get(name);
    if (found == null) {
      throw UserError.of("IM0506", "the inputs hold no '%s', found %s", name, sizes.keySet());
    }
    if (found.size() != rank) {
      throw UserError.of("IM0506", "input '%s' has sizes %s, expected %d axes", name, found, rank);
    }
    return found;
  }

  private static LatentShape shape(List<Long> x) {
    return new LatentShape(size(x.get(2)), size(x.get(3)), size(x.get(4)));
  }

  private static int size(long value) {
    if (value < 1 || value > 1 << 20) {
      throw UserError.of("IM0506", "a latent has sizes in 1..%d, found %d", 1 << 20, value);
    }
    return (int) value;
  }
}
