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
   * Frames of one video as pictures.
   *
   * @param latents {@code [b, 4, T, H, W]}
   * @throws UserError CL0308 for latents of other sizes
   */
  public List<BufferedImage> frames(Tensor latents, int video) {
    return colors(latents, video).stream().map(FrameDecoder::picture).toList();
  }

  /**
   * Frames of one video as colors.
   *
   * @param latents {@code [b, 4, T, H, W]}
   * @throws UserError CL0308 for latents of other sizes
   */
  public List<Frame> colors(Tensor latents, int video) {
    if (latents.sizes().size() != 5 || latents.size(1) != CHANNELS) {
      throw UserError.of(
              "CL0308",
              "latents of sizes %s are no pictures, expected [videos, %d, frames, rows, columns]",
              latents.sizes(),
              CHANNELS)
          .withHint("write the latents: -o out.safetensors");
    }
    List<Frame> out = new ArrayList<>();
    for (int t = 0; t < latents.size(2); t++) {
      out.add(frame(latents, video, t));
    }
    return out;
  }

  private Frame frame(Tensor latents, int video, int t) {
    int scale = Math.max(1, decoder.upscale());
    Frame out = new Frame((int) latents.size(4) * scale, (int) latents.size(3) * scale);
    for (int y = 0; y < out.height(); y++) {
      for (int x = 0; x < out.width(); x++) {
        double alpha = value(latents, video, 3, t, y / scale, x / scale);
        for (int channel = 0; channel < Frame.CHANNELS; channel++) {
          double mixed = value(latents, video, channel, t, y / scale, x / scale)
              + (1 - alpha) * decoder.background().get(channel);
          out.set(channel, x, y, (float) Math.max(0, Math.min(1, mixed)));
        }
      }
    }
    return out;
  }

  private static BufferedImage picture(Frame frame) {
    BufferedImage out =
        new BufferedImage(frame.width(), frame.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < frame.height(); y++) {
      for (int x = 0; x < frame.width(); x++) {
        int rgb = 0;
        for (int channel = 0; channel < Frame.CHANNELS; channel++) {
          rgb = rgb << 8 | Math.round(255 * frame.get(channel, x, y));
        }
        out.setRGB(x, y, rgb);
      }
    }
    return out;
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
