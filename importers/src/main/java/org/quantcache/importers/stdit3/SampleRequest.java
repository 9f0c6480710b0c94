package org.quantcache.importers.stdit3;

import org.quantcache.ir.diagnostics.UserError;

/**
 * The whole sampling loop with guidance, function {@code @sample}; model section 5.
 *
 * @param videos b; the network sees a batch of 2b
 * @param latent sizes of the latent video
 * @param textMask whether a text mask [b, L] is given
 * @param condition whether a frame condition mask [b, T] and noise draws are given
 * @param trainSteps time at full noise, 1000
 * @param transform whether the time grid is shifted by picture size and length
 * @param discrete whether times are rounded to whole numbers before the shift
 * @param given whether the latent of every step is a parameter {@code z_steps} [N, b, C, T, H, W], so that no step reads
 *     what the one before made of it
 */
public record SampleRequest(
    int videos,
    LatentShape latent,
    boolean textMask,
    boolean condition,
    int trainSteps,
    boolean transform,
    boolean discrete,
    boolean given) {
  public SampleRequest {
    if (videos < 1) {
      throw UserError.of("IM0507", "sampling makes at least one video, found %d", videos);
    }
    if (trainSteps < 1) {
      throw UserError.of("IM0602", "the time at full noise is positive, found %d", trainSteps);
    }
  }

  /** The loop whose steps hand their latent on. */
  public SampleRequest(
      int videos,
      LatentShape latent,
      boolean textMask,
      boolean condition,
      int trainSteps,
      boolean transform,
      boolean discrete) {
    this(videos, latent, textMask, condition, trainSteps, transform, discrete, false);
  }

  /** The same with a given latent for every step. */
  public SampleRequest withGivenLatents() {
    return new SampleRequest(
        videos, latent, textMask, condition, trainSteps, transform, discrete, true);
  }
}
