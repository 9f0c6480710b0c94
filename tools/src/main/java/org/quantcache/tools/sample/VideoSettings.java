package org.quantcache.tools.sample;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/**
 * {@code video.json}: what a small model was trained with and how its latents become pictures.
 *
 * @param latent channels, frames, rows, columns
 * @param height picture height that the network is told, in pixels
 * @param width picture width that the network is told, in pixels
 * @param fps frame rate that the network is told
 * @param numFrames frames of the video, for the time grid
 * @param decoder how latents become pictures
 * @param playbackFps frames a second of the written file
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VideoSettings(
    List<Integer> latent,
    double height,
    double width,
    double fps,
    @JsonProperty("num_frames") double numFrames,
    Decoder decoder,
    @JsonProperty("playback_fps") double playbackFps) {
  public VideoSettings {
    require(
        isList(latent, 4) && latent.stream().allMatch(size -> size >= 1),
        "latent",
        latent,
        "four positive sizes: channels, frames, rows, columns");
    requirePositive("height", height);
    requirePositive("width", width);
    requirePositive("fps", fps);
    requirePositive("num_frames", numFrames);
    requirePositive("playback_fps", playbackFps);
  }

  /**
   * Latent channels are premultiplied RGB and alpha.
   *
   * @param type {@code premultiplied-rgba}
   * @param range latent values of 0 and 1
   * @param background colour behind the shape
   * @param upscale screen pixels for each latent pixel; one when it is not given
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Decoder(String type, List<Double> range, List<Double> background, int upscale) {
    /** The one kind of decoder that is known. */
    public static final String PREMULTIPLIED_RGBA = "premultiplied-rgba";

    private static final int MAX_UPSCALE = 64;

    public Decoder {
      if (PREMULTIPLIED_RGBA.equals(type)) {
        require(
            isList(range, 2) && range.get(0) < range.get(1), "range", range, "two rising numbers");
        require(isList(background, 3), "background", background, "red, green and blue");
        require(upscale >= 0 && upscale <= MAX_UPSCALE, "upscale", upscale, "1.." + MAX_UPSCALE);
      }
    }
  }

  private static boolean isList(List<? extends Number> values, int size) {
    return values != null
        && values.size() == size
        && values.stream().allMatch(v -> v != null && Double.isFinite(v.doubleValue()));
  }

  private static void requirePositive(String name, double value) {
    require(Double.isFinite(value) && value > 0, name, value, "a positive number");
  }

  private static void require(boolean holds, String name, Object found, String expected) {
    if (!holds) {
      throw UserError.of("CL0303", "'%s' is %s, expected %s", name, found, expected);
    }
  }
}
