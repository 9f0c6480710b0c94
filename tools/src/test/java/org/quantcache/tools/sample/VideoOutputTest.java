package org.quantcache.tools.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;

class VideoOutputTest {
  private static final int VIDEOS = 2;
  private static final int FRAMES = 3;
  private static final int ROWS = 4;
  private static final int COLUMNS = 5;
  private static final int UPSCALE = 2;

  @TempDir
  private Path folder;

  /** Opaque frames of one colour: red in the first video, green in the second, brighter with time. */
  private static Map<String, Tensor> results() {
    Tensor out = Tensor.zeros(
        ScalarType.F32, List.of((long) VIDEOS, 4L, (long) FRAMES, (long) ROWS, (long) COLUMNS));
    int places = ROWS * COLUMNS;
    for (int i = 0; i < out.count(); i++) {
      int frame = i / places % FRAMES;
      int channel = i / (places * FRAMES) % 4;
      int video = i / (places * FRAMES * 4);
      out.set(i, channel == 3 ? 1 : channel == video ? frame - 1 : -1);
    }
    return Map.of("output", out);
  }

  private static int color(int video, int frame) {
    return List.of(0, 0x80, 0xff).get(frame) << (video == 0 ? 16 : 8);
  }

  private Path write(String name, double framesPerSecond) {
    Path file = folder.resolve(name);
    VideoSettings.Decoder decoder = FrameDecoderTest.settings(UPSCALE).decoder();
    VideoOutput.of(file)
        .write(file, results(), Optional.of(FrameDecoderTest.settings(decoder, framesPerSecond)));
    return file;
  }

  @ParameterizedTest
  @CsvSource({"a.gif, GIF", "A.GIF, GIF", "a.png, PNG", "a.b.safetensors, SAFETENSORS"})
  void nameDecidesTheForm(String name, VideoOutput form) {
    assertThat(VideoOutput.of(Path.of(name))).isEqualTo(form);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "gif", "a.gif.txt", ""})
  void unknownFormIsRefused(String name) {
    assertThatThrownBy(() -> VideoOutput.of(Path.of(name)))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CL0305");
          assertThat(e.hint()).contains(".gif", ".png", ".safetensors");
        });
  }

  @Test
  void picturesNeedADecoder() {
    assertThatThrownBy(() -> VideoOutput.GIF.require(Optional.empty()))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CL0306"));
    VideoOutput.SAFETENSORS.require(Optional.empty());
    VideoOutput.PNG.require(Optional.of(FrameDecoderTest.settings(1)));
  }

  @ParameterizedTest
  @CsvSource({"8, 13", "10, 10", "24, 4", "1, 100", "1000, 2"})
  void gifHoldsEveryFrameAndItsDelayInHundredths(double framesPerSecond, int delay)
      throws IOException {
    Path file = write("video.gif", framesPerSecond);
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream stream = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(stream);
      assertThat(reader.getNumImages(true)).isEqualTo(FRAMES);
      for (int frame = 0; frame < FRAMES; frame++) {
        BufferedImage image = reader.read(frame);
        assertThat(image.getWidth()).isEqualTo(VIDEOS * COLUMNS * UPSCALE);
        assertThat(image.getHeight()).isEqualTo(ROWS * UPSCALE);
        for (int video = 0; video < VIDEOS; video++) {
          int x = video * COLUMNS * UPSCALE;
          assertThat(image.getRGB(x, 0) & 0xffffff).isEqualTo(color(video, frame));
          assertThat(image.getRGB(x + COLUMNS * UPSCALE - 1, ROWS * UPSCALE - 1) & 0xffffff)
              .isEqualTo(color(video, frame));
        }
        IIOMetadataNode root = (IIOMetadataNode)
            reader.getImageMetadata(frame).getAsTree("javax_imageio_gif_image_1.0");
        IIOMetadataNode control = (IIOMetadataNode)
            root.getElementsByTagName("GraphicControlExtension").item(0);
        assertThat(control.getAttribute("delayTime")).isEqualTo(Integer.toString(delay));
      }
    } finally {
      reader.dispose();
    }
  }

  @Test
  void gifLoopsForEver() throws IOException {
    byte[] bytes = Files.readAllBytes(write("video.gif", 8));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);

    assertThat(text).startsWith("GIF89a");
    // The number of rounds, 0 for no end, right before the first frame, which a comma starts.
    assertThat(text).contains("NETSCAPE2.0\u0003\u0001\u0000\u0000\u0000,");
  }

  @Test
  void pngHoldsARowOfFramesForEachVideo() throws IOException {
    BufferedImage sheet = ImageIO.read(write("sheet.png", 8).toFile());
    int width = COLUMNS * UPSCALE;
    int height = ROWS * UPSCALE;
    int gap = 4;

    assertThat(sheet.getWidth()).isEqualTo(FRAMES * (width + gap) - gap);
    assertThat(sheet.getHeight()).isEqualTo(VIDEOS * (height + gap) - gap);
    for (int video = 0; video < VIDEOS; video++) {
      for (int frame = 0; frame < FRAMES; frame++) {
        assertThat(sheet.getRGB(frame * (width + gap), video * (height + gap)) & 0xffffff)
            .isEqualTo(color(video, frame));
      }
    }
  }

  @Test
  void tensorsAreWrittenAsTheyAre() {
    Path file = write("video.safetensors", 8);

    assertThat(TensorFile.read(file).get("output").floats())
        .isEqualTo(results().get("output").floats());
  }
}
