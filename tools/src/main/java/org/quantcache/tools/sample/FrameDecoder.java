package org.quantcache.tools.sample;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;

/** Turns latents of premultiplied RGB and alpha into pictures: {@code rgb + (1 - alpha) * background}, enlarged. */
public final class FrameDecoder {
  private static final int CHANNELS = 4;

  private final VideoSettings.Decoder decoder;

  /** @throws UserError CL0304 for a kind of decoder that is not known */
  public FrameDecoder(VideoSettings settings) {
    this.decoder = settings.decoder();
    if (decoder == null || !VideoSettings.Decoder.PREMULTIPLIED_RGBA.equals(decoder.type())) {
      throw UserError.of(
              "CL0304", "no decoder of type '%s'", decoder == null ? "none" : decoder.type())
          .withHint("write the latents: -o out.safetensors");
    }
  }

  /**
   * Frames of one video.
   *
   * @param latents {@code [b, 4, T, H, W]}
   * @throws UserError CL0308 for latents of other sizes
   */
  public List<BufferedImage> frames(Tensor latents, int video) {
    if (latents.sizes().size() != 5 || latents.size(1) != CHANNELS) {
      throw UserError.of(
              "CL0308",
              "latents of sizes %s are no pictures, expected [videos, %d, frames, rows, columns]",
              latents.sizes(),
              CHANNELS)
          .withHint("write the latents: -o out.safetensors");
    }
    int frames = (int) latents.size(2);
    int rows = (int) latents.size(3);
    int columns = (int) latents.size(4);
    int scale = Math.max(1, decoder.upscale());
    List<BufferedImage> out = new ArrayList<>();
    for (int t = 0; t < frames; t++) {
      BufferedImage image =
          new BufferedImage(columns * scale, rows * scale, BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          int rgb = color(latents, video, t, y, x);
          for (int dy = 0; dy < scale; dy++) {
            for (int dx = 0; dx < scale; dx++) {
              image.setRGB(x * scale + dx, y * scale + dy, rgb);
            }
          }
        }
      }
      out.add(image);
    }
    return out;
  }

  private int color(Tensor latents, int video, int t, int y, int x) {
    double alpha = value(latents, video, 3, t, y, x);
    int rgb = 0;
    for (int channel = 0; channel < 3; channel++) {
      double mixed = value(latents, video, channel, t, y, x)
          + (1 - alpha) * decoder.background().get(channel);
      rgb = rgb << 8 | (int) Math.round(255 * Math.max(0, Math.min(1, mixed)));
    }
    return rgb;
  }

  /** The latent value mapped from its range to 0..1. */
  private double value(Tensor latents, int video, int channel, int t, int y, int x) {
    long index =
        ((((long) video * latents.size(1) + channel) * latents.size(2) + t) * latents.size(3) + y)
                * latents.size(4)
            + x;
    double low = decoder.range().get(0);
    double high = decoder.range().get(1);
    return Math.max(0, Math.min(1, (latents.get((int) index) - low) / (high - low)));
  }
}
