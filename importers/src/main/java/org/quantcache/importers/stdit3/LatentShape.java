package org.quantcache.importers.stdit3;

import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Sizes of a latent video and of its patch grid.
 *
 * @param frames T
 * @param height rows Hx
 * @param width columns Wx
 */
public record LatentShape(int frames, int height, int width) {
  /** Ten minutes of 4K video; more is a mistake, and its work would not be countable. */
  private static final long MAX_PLACES = 1L << 28;

  public LatentShape {
    if (frames < 1 || height < 1 || width < 1) {
      throw UserError.of(
          "IM0501", "a latent video has positive sizes, found %d x %d x %d", frames, height, width);
    }
    // Two sizes multiply without overflow; all three need not.
    if ((long) frames * height > MAX_PLACES || (long) frames * height * width > MAX_PLACES) {
      throw UserError.of(
          "IM0501",
          "a latent video of %d x %d x %d is larger than %d places",
          frames,
          height,
          width,
          MAX_PLACES);
    }
  }

  /** Patches along time. */
  public int patchFrames(StditConfig config) {
    return ceilDiv(frames, config.patch().get(0));
  }

  /** Patches from top to bottom. */
  public int patchRows(StditConfig config) {
    return ceilDiv(height, config.patch().get(1));
  }

  /** Patches from left to right. */
  public int patchColumns(StditConfig config) {
    return ceilDiv(width, config.patch().get(2));
  }

  /** Patches of one frame. */
  public long places(StditConfig config) {
    return (long) patchRows(config) * patchColumns(config);
  }

  private static int ceilDiv(int a, int b) {
    return a / b + (a % b == 0 ? 0 : 1);
  }
}
