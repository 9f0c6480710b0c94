package org.quantcache.tools.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

class FrameDecoderTest {
  private static final List<Double> RANGE = List.of(-1.0, 1.0);
  private static final List<Double> BACKGROUND = List.of(0.0, 0.2, 1.0);

  static VideoSettings settings(int upscale) {
    return settings(new VideoSettings.Decoder("premultiplied-rgba", RANGE, BACKGROUND, upscale), 8);
  }

  static VideoSettings settings(VideoSettings.Decoder decoder, double playbackFps) {
    return new VideoSettings(List.of(4, 2, 1, 1), 8, 8, 8, 2, decoder, playbackFps);
  }

  private static int pixel(float red, float green, float blue, float alpha) {
    Tensor latents = Tensor.of(List.of(1L, 4L, 1L, 1L, 1L), red, green, blue, alpha);
    return new FrameDecoder(settings(1)).frames(latents, 0).get(0).getRGB(0, 0) & 0xffffff;
  }

  @ParameterizedTest
  @CsvSource({
    // Opaque: the colour itself; -1 is dark, 1 is bright.
    "1, 1, 1, 1, ffffff",
    "-1, -1, -1, 1, 000000",
    "1, -1, -1, 1, ff0000",
    "0, 0, 0, 1, 808080",
    // Transparent: the background.
    "-1, -1, -1, -1, 0033ff",
    // Half of it on top of half of the background.
    "0, -1, -1, 0, 801a80",
    // Beyond the range as at its end, and sums beyond white are white.
    "7, -7, -7, 9, ff0000",
    "1, 1, 1, -1, ffffff",
    "1, 1, 1, -100, ffffff",
    "Infinity, -Infinity, -1, 1, ff0000"
  })
  void latentsBecomeColours(float red, float green, float blue, float alpha, String rgb) {
    assertThat(pixel(red, green, blue, alpha)).isEqualTo(Integer.parseInt(rgb, 16));
  }

  @Test
  void everyElementHasItsPlace() {
    // 2 videos, 4 channels, 3 frames, 2 rows, 5 columns; red counts up by pixel, alpha is full.
    Tensor latents = Tensor.zeros(ScalarType.F32, List.of(2L, 4L, 3L, 2L, 5L));
    int places = 3 * 2 * 5;
    for (int video = 0; video < 2; video++) {
      for (int i = 0; i < places; i++) {
        int first = video * 4 * places + i;
        latents.set(first, 2 * (60 * video + i) / 255.0 - 1);
        latents.set(first + places, -1);
        latents.set(first + 2 * places, -1);
        latents.set(first + 3 * places, 1);
      }
    }

    for (int video = 0; video < 2; video++) {
      List<BufferedImage> frames = new FrameDecoder(settings(3)).frames(latents, video);
      assertThat(frames).hasSize(3);
      for (int t = 0; t < 3; t++) {
        assertThat(frames.get(t).getWidth()).isEqualTo(15);
        assertThat(frames.get(t).getHeight()).isEqualTo(6);
        for (int y = 0; y < 6; y++) {
          for (int x = 0; x < 15; x++) {
            int expected = 60 * video + (t * 2 + y / 3) * 5 + x / 3;
            assertThat(frames.get(t).getRGB(x, y) & 0xffffff).isEqualTo(expected << 16);
          }
        }
      }
    }
  }

  @Test
  void upscaleThatIsNotGivenIsOne() {
    Tensor latents = Tensor.zeros(ScalarType.F32, List.of(1L, 4L, 1L, 2L, 3L));

    BufferedImage frame = new FrameDecoder(settings(0)).frames(latents, 0).get(0);

    assertThat(frame.getWidth()).isEqualTo(3);
    assertThat(frame.getHeight()).isEqualTo(2);
  }

  @Test
  void otherDecodersAndLatentsAreRefused() {
    assertError("CL0304", () -> new FrameDecoder(settings(null, 8)));
    assertError(
        "CL0304",
        () ->
            new FrameDecoder(settings(new VideoSettings.Decoder("vae", RANGE, BACKGROUND, 1), 8)));
    Tensor eight = Tensor.zeros(ScalarType.F32, List.of(1L, 8L, 1L, 1L, 1L));
    assertError("CL0308", () -> new FrameDecoder(settings(1)).frames(eight, 0));
  }

  @Test
  void settingsOutOfBoundsAreRefused() {
    String type = "premultiplied-rgba";
    List<Double> backwards = List.of(1.0, -1.0);
    List<Double> two = List.of(0.0, 0.0);
    List<Double> notFinite = List.of(0.0, 0.0, Double.NaN);
    assertError("CL0303", () -> new VideoSettings.Decoder(type, backwards, BACKGROUND, 1));
    assertError("CL0303", () -> new VideoSettings.Decoder(type, null, BACKGROUND, 1));
    assertError("CL0303", () -> new VideoSettings.Decoder(type, RANGE, two, 1));
    assertError("CL0303", () -> new VideoSettings.Decoder(type, RANGE, notFinite, 1));
    assertError("CL0303", () -> new VideoSettings.Decoder(type, RANGE, BACKGROUND, -1));
    assertError("CL0303", () -> new VideoSettings.Decoder(type, RANGE, BACKGROUND, 1 << 20));
    assertError("CL0303", () -> settings(null, 0));
    assertError("CL0303", () -> settings(null, Double.NaN));
    assertError("CL0303", () -> new VideoSettings(List.of(4, 2, 0, 1), 8, 8, 8, 2, null, 8));
    assertError("CL0303", () -> new VideoSettings(List.of(4, 2, 1), 8, 8, 8, 2, null, 8));
    assertError("CL0303", () -> new VideoSettings(null, 8, 8, 8, 2, null, 8));
  }

  private static void assertError(String code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
