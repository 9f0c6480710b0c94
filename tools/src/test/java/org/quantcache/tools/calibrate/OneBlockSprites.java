package org.quantcache.tools.calibrate;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.SafeTensorsWriter;

/** The sample model with the first spatial and the first temporal block alone: as trained, but quick to calibrate. */
public final class OneBlockSprites {
  private static final Path WHOLE = Path.of("samples/sprites");

  private OneBlockSprites() {}

  /** Writes it. */
  public static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String name : List.of("text.json", "text.safetensors", "video.json", "sampler.json")) {
      Files.copy(WHOLE.resolve(name), folder.resolve(name));
    }
    Files.writeString(
        folder.resolve("config.json"),
        Files.readString(WHOLE.resolve("config.json")).replace("\"depth\": 6", "\"depth\": 1"));
    try (SafeTensorsFile all = SafeTensorsFile.open(WHOLE.resolve("model.safetensors"));
        FileChannel out = FileChannel.open(
            folder.resolve("model.safetensors"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE)) {
      SafeTensorsWriter writer = new SafeTensorsWriter();
      all.keys().stream()
          .filter(key -> !key.matches(".*_blocks\\.[1-9].*"))
          .map(key -> all.find(key).orElseThrow().info())
          .forEach(info -> writer.declare(info.name(), info.type(), info.shape()));
      writer.write(
          out,
          (info, channel) ->
              channel.write(all.find(info.name()).orElseThrow().bytes(0, (int) info.bytes())));
    }
    return folder;
  }
}
