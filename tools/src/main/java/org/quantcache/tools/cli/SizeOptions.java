package org.quantcache.tools.cli;

import java.util.List;
import org.quantcache.importers.stdit3.LatentShape;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.VideoSettings;
import picocli.CommandLine.Option;

/** Sizes that a program is compiled for. */
final class SizeOptions {
  /** Pixels for each latent pixel of Open-Sora's decoder. */
  private static final int PIXELS_PER_LATENT = 8;

  @Option(names = "--width", description = "Width of the video in pixels.")
  private Integer width;

  @Option(names = "--height", description = "Height of the video in pixels.")
  private Integer height;

  @Option(names = "--frames", description = "Frames of the video.")
  private Integer frames;

  @Option(
      names = "--latent",
      split = ",",
      paramLabel = "T,H,W",
      description = "Latent frames, rows and columns, instead of the sizes in pixels.")
  private List<Integer> latent;

  @Option(
      names = "--batch",
      defaultValue = "1",
      description = "Videos made at once (default ${DEFAULT-VALUE}).")
  private int batch;

  int batch() {
    if (batch < 1 || batch > 4096) {
      throw UserError.of("CL0102", "--batch is %d, expected 1..4096", batch);
    }
    return batch;
  }

  /** Latent sizes: as given, else those that the model was trained with. Model section 5.1. */
  LatentShape shape(SampleModel sample) {
    if (latent != null) {
      if (latent.size() != 3) {
        throw UserError.of("CL0103", "--latent is %s, expected three numbers T,H,W", latent);
      }
      return new LatentShape(latent.get(0), latent.get(1), latent.get(2));
    }
    if (width == null && height == null && frames == null) {
      List<Integer> sizes = sample
          .video()
          .map(VideoSettings::latent)
          .orElseThrow(() -> UserError.of("CL0104", "this model states no sizes of its own")
              .withHint("give --width, --height and --frames"));
      return new LatentShape(sizes.get(1), sizes.get(2), sizes.get(3));
    }
    if (width == null || height == null || frames == null) {
      throw UserError.of("CL0104", "sizes in pixels need all of --width, --height and --frames");
    }
    if (width < PIXELS_PER_LATENT || height < PIXELS_PER_LATENT || frames < 1) {
      throw UserError.of(
          "CL0105", "a video of %d x %d pixels and %d frames is too small", width, height, frames);
    }
    int latentFrames = 5 * (frames / 17) + (frames % 17 + 3) / 4;
    return new LatentShape(latentFrames, height / PIXELS_PER_LATENT, width / PIXELS_PER_LATENT);
  }
}
