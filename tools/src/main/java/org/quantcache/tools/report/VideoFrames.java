package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.sample.FrameDecoder;
import org.quantcache.tools.sample.Pictures;
import org.quantcache.tools.sample.VideoSettings;

/**
 * The frames of one video.
 *
 * @param name shown above them
 * @param frames all of one size
 */
record VideoFrames(String name, List<BufferedImage> frames) {
  private static final int MOST_FRAMES = 10_000;
  private static final int MOST_PIXELS = 64 << 20;

  VideoFrames {
    frames = List.copyOf(frames);
  }

  /**
   * Reads a GIF, a PNG of {@code qcc run}, or latents.
   *
   * @param settings how latents become pictures
   * @throws UserError CL0753 when it holds no pictures, CL0306 for latents without settings
   */
  static VideoFrames read(Path file, Optional<VideoSettings> settings) {
    String name = String.valueOf(file.getFileName());
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".safetensors")) {
      return latents(file, settings);
    }
    if (!lower.endsWith(".gif") && !lower.endsWith(".png")) {
      throw noVideo(file, "the extension is not known");
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw UserError.of("CL0107", "no file %s", file);
    } catch (IOException e) {
      throw UserError.of("CL0107", "%s cannot be read", file).causedBy(e);
    }
    try {
      List<BufferedImage> images = images(bytes, lower.substring(lower.length() - 3));
      return new VideoFrames(
          name, images.size() == 1 ? Pictures.framesOfSheet(images.get(0)) : images);
    } catch (IOException | RuntimeException e) {
      // Readers of pictures fail with whatever a damaged file leads them to.
      throw noVideo(file, "it holds no readable pictures").causedBy(e);
    }
  }

  /** A GIF in memory. */
  static VideoFrames ofGif(String name, byte[] gif) {
    try {
      return new VideoFrames(name, images(gif, "gif"));
    } catch (IOException e) {
      throw new UncheckedIOException("memory streams do not fail", e);
    }
  }

  private static VideoFrames latents(Path file, Optional<VideoSettings> settings) {
    Map<String, Tensor> tensors = TensorFile.read(file);
    Tensor output = tensors.get("output");
    if (output == null) {
      throw noVideo(file, "it has no tensor 'output', found " + tensors.keySet());
    }
    VideoSettings known = settings.orElseThrow(
        () -> UserError.of("CL0306", "nothing says how the latents of '%s' become pictures", file)
            .withHint(
                "give the artifact that made them, or write a .gif with: qcc run X.qca -o F.gif"));
    return new VideoFrames(
        String.valueOf(file.getFileName()), new FrameDecoder(known).frames(output, 0));
  }

  /** Frames as a viewer shows them: each one painted over those before, as long as none asks for more. */
  private static List<BufferedImage> images(byte[] bytes, String format) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    ImageReader reader = readers.next();
    List<BufferedImage> out = new ArrayList<>();
    try (ImageInputStream stream =
        ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(stream);
      int count = reader.getNumImages(true);
      if (count < 1 || count > MOST_FRAMES) {
        throw new IOException(count + " pictures");
      }
      for (int i = 0; i < count; i++) {
        if ((long) reader.getWidth(i) * reader.getHeight(i) > MOST_PIXELS / count) {
          throw new IOException("too many pixels");
        }
        BufferedImage part = reader.read(i);
        BufferedImage first = out.isEmpty() ? part : out.get(0);
        BufferedImage whole =
            new BufferedImage(first.getWidth(), first.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = whole.createGraphics();
        if (i > 0) {
          graphics.drawImage(out.get(i - 1), 0, 0, null);
        }
        graphics.drawImage(part, 0, 0, null);
        graphics.dispose();
        out.add(whole);
      }
    } finally {
      reader.dispose();
    }
    return out;
  }

  /** Number and size of the frames in words. */
  String size() {
    return frames.size() + " frames of " + frames.get(0).getWidth() + " x "
        + frames.get(0).getHeight();
  }

  /** {@code {"name", "width", "height", "frames": [data URI of a PNG]}}. */
  ObjectNode json() {
    ObjectNode out = JsonNodeFactory.instance.objectNode().put("name", name);
    out.put("width", frames.get(0).getWidth()).put("height", frames.get(0).getHeight());
    ArrayNode list = out.putArray("frames");
    for (BufferedImage frame : frames) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        ImageIO.write(frame, "png", bytes);
      } catch (IOException e) {
        throw new UncheckedIOException("memory streams do not fail", e);
      }
      list.add("data:image/png;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
    return out;
  }

  private static UserError noVideo(Path file, String why) {
    return UserError.of("CL0753", "no video in '%s': %s", file, why)
        .withHint("write one with: qcc run X.qca -o FILE.gif, or .png, or .safetensors");
  }
}
