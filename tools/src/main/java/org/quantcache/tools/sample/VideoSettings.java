package org.quantcache.tools.sample;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

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
  /**
   * Latent channels are premultiplied RGB and alpha.
   *
   * @param type {@code premultiplied-rgba}
   * @param range latent values of 0 and 1
   * @param background colour behind the shape
   * @param upscale screen pixels for each latent pixel
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Decoder(String type, List<Double> range, List<Double> background, int upscale) {}
}
