package org.quantcache.tools.sample;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.quantcache.ir.files.AtomicFile;

/** Writes frames as an animated GIF or as one PNG sheet. */
public final class Pictures {
  private static final String GIF_FORMAT = "javax_imageio_gif_image_1.0";
  private static final int GAP = 4;

  private Pictures() {}

  /** An endless GIF. */
  static byte[] gif(List<BufferedImage> frames, double framesPerSecond) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(stream);
      writer.prepareWriteSequence(null);
      for (BufferedImage frame : frames) {
        IIOMetadata metadata =
            writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(frame), null);
        metadata.setFromTree(GIF_FORMAT, animated(metadata, framesPerSecond));
        writer.writeToSequence(new IIOImage(frame, null, metadata), null);
      }
      writer.endWriteSequence();
    } catch (IOException e) {
      throw new UncheckedIOException("memory streams do not fail", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static IIOMetadataNode animated(IIOMetadata metadata, double framesPerSecond) {
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(GIF_FORMAT);
    IIOMetadataNode control = child(root, "GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("transparentColorIndex", "0");
    // GIF counts in hundredths of a second; viewers take less than 2 for a mistake.
    control.setAttribute(
        "delayTime", Integer.toString((int) Math.max(2, Math.round(100 / framesPerSecond))));
    IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
    loop.setAttribute("applicationID", "NETSCAPE");
    loop.setAttribute("authenticationCode", "2.0");
    loop.setUserObject(new byte[] {1, 0, 0});
    child(root, "ApplicationExtensions").appendChild(loop);
    return root;
  }

  private static IIOMetadataNode child(IIOMetadataNode root, String name) {
    for (int i = 0; i < root.getLength(); i++) {
      if (root.item(i).getNodeName().equals(name)) {
        return (IIOMetadataNode) root.item(i);
      }
    }
    IIOMetadataNode made = new IIOMetadataNode(name);
    root.appendChild(made);
    return made;
  }

  /**
   * The frames of the first row of a sheet that {@link #png} wrote, when it holds square frames of one video; else the
   * picture as its only frame.
   */
  public static List<BufferedImage> framesOfSheet(BufferedImage sheet) {
    int size = sheet.getHeight();
    if ((sheet.getWidth() + GAP) % (size + GAP) != 0) {
      return List.of(sheet);
    }
    List<BufferedImage> out = new ArrayList<>();
    for (int x = 0; x < sheet.getWidth(); x += size + GAP) {
      out.add(sheet.getSubimage(x, 0, size, size));
    }
    return out;
  }

  /** One row of frames for each video. */
  public static void png(Path target, List<List<BufferedImage>> videos) {
    BufferedImage first = videos.get(0).get(0);
    int columns = videos.get(0).size();
    BufferedImage sheet = new BufferedImage(
        columns * (first.getWidth() + GAP) - GAP,
        videos.size() * (first.getHeight() + GAP) - GAP,
        BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    for (int row = 0; row < videos.size(); row++) {
      for (int column = 0; column < columns; column++) {
        graphics.drawImage(
            videos.get(row).get(column),
            column * (first.getWidth() + GAP),
            row * (first.getHeight() + GAP),
            null);
      }
    }
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(sheet, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("memory streams do not fail", e);
    }
    AtomicFile.write(target, bytes.toByteArray());
  }
}
