package org.quantcache.tools.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A copy of a small checkpoint, to be damaged. */
record HostileModel(Path folder) {
  private static final Path WHOLE = Path.of("../importers/src/test/resources/golden/tiny");
  private static final ObjectMapper JSON = new ObjectMapper();

  static HostileModel in(Path parent) {
    try {
      Path folder = Files.createTempDirectory(parent, "model");
      for (String name : new String[] {"config.json", "model.safetensors"}) {
        Files.copy(WHOLE.resolve(name), folder.resolve(name));
      }
      return new HostileModel(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path weights() {
    return folder.resolve("model.safetensors");
  }

  /** Replaces the text of a file of the folder. */
  void text(String name, String content) {
    write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
  }

  /** Changes one key of {@code config.json} to JSON text, which need not be JSON. */
  void config(String key, String value) {
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
      root.put(key, "@value@");
      text("config.json", JSON.writeValueAsString(root).replace("\"@value@\"", value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes the bytes of the weight file. */
  void bytes(UnaryOperator<byte[]> change) {
    write(weights(), change.apply(read(weights())));
  }

  void truncate(int length) {
    bytes(all -> Arrays.copyOf(all, length));
  }

  void flip(long bit) {
    bytes(all -> flipped(all, bit));
  }

  /** States another length of the header. */
  void headerLength(long length) {
    bytes(all -> {
      ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      return all;
    });
  }

  /** Changes the header, keeping the data behind it. */
  void header(Consumer<ObjectNode> change) {
    bytes(all -> {
      try {
        int length = headerBytes(all);
        ObjectNode root = (ObjectNode) JSON.readTree(all, 8, length);
        change.accept(root);
        byte[] text = JSON.writeValueAsBytes(root);
        ByteBuffer out = ByteBuffer.allocate(8 + text.length + all.length - 8 - length)
            .order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(text.length).put(text).put(all, 8 + length, all.length - 8 - length);
        return out.array();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  int headerBytes() {
    return headerBytes(read(weights()));
  }

  private static int headerBytes(byte[] all) {
    return (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
  }

  static byte[] flipped(byte[] all, long bit) {
    byte[] out = all.clone();
    out[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
    return out;
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path file, byte[] content) {
    try {
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
