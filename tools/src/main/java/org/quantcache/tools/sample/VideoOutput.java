package org.quantcache.tools.sample;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;

/** Writes latents in the form that the file name asks for. */
public enum VideoOutput {
  /** The tensors as they are. */
  SAFETENSORS,
  /** All videos side by side, endless. */
  GIF,
  /** A row of frames for each video. */
  PNG;

  /** The form of a file name. @throws UserError CL0305 for an extension that is not known */
  public static VideoOutput of(Path target) {
    String name = String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
    for (VideoOutput output : values()) {
      if (name.endsWith("." + output.name().toLowerCase(Locale.ROOT))) {
        return output;
      }
    }
    throw UserError.of("CL0305", "cannot tell the form of '%s'", target)
        .withHint("use a name that ends in .gif, .png or .safetensors");
  }

  /** Checks before a long run that the result can be written in this form. @throws UserError CL0306 */
  public void require(Optional<VideoSettings> settings) {
    if (this != SAFETENSORS) {
      new FrameDecoder(settings.orElseThrow(
          () -> UserError.of("CL0306", "this model has no decoder for pictures")
              .withHint("write the latents: -o out.safetensors")));
    }
  }

  /** Writes {@code output} of the results. */
  public void write(Path target, Map<String, Tensor> results, Optional<VideoSettings> settings) {
    if (this == SAFETENSORS) {
      TensorFile.write(target, results);
      return;
    }
    write(target, List.of(results.get("output")), settings.orElseThrow());
  }

  /**
   * Writes videos as pictures.
   *
   * @param latents each {@code [videos, 4, T, H, W]} of the same sizes
   * @throws UserError CL0305 for a form that holds no pictures
   */
  public void write(Path target, List<Tensor> latents, VideoSettings settings) {
    switch (this) {
      case GIF -> AtomicFile.write(target, gif(latents, settings));
      case PNG -> Pictures.png(target, videos(latents, settings));
      case SAFETENSORS ->
        throw UserError.of("CL0305", "'%s' holds no pictures", target)
            .withHint("use a name that ends in .gif or .png");
    }
  }

  /** An endless GIF of videos side by side. */
  public static byte[] gif(List<Tensor> latents, VideoSettings settings) {
    return Pictures.gif(sideBySide(videos(latents, settings)), settings.playbackFps());
  }

  private static List<List<BufferedImage>> videos(List<Tensor> latents, VideoSettings settings) {
    FrameDecoder decoder = new FrameDecoder(settings);
    List<List<BufferedImage>> out = new ArrayList<>();
    for (Tensor tensor : latents) {
      for (int video = 0; video < tensor.size(0); video++) {
        out.add(decoder.frames(tensor, video));
      }
    }
    return out;
  }

  private static List<BufferedImage> sideBySide(List<List<BufferedImage>> videos) {
    List<BufferedImage> out = new ArrayList<>();
    for (int t = 0; t < videos.get(0).size(); t++) {
      BufferedImage first = videos.get(0).get(t);
      BufferedImage all = new BufferedImage(
          first.getWidth() * videos.size(), first.getHeight(), BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = all.createGraphics();
      for (int video = 0; video < videos.size(); video++) {
        graphics.drawImage(videos.get(video).get(t), video * first.getWidth(), 0, null);
      }
      graphics.dispose();
      out.add(all);
    }
    return out;
  }
}
