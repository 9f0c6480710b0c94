package org.quantcache.ir.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;

/** Damaged files end in a coded error or read within their bounds; nothing else may happen. */
final class SafeTensorsFuzzTest {
  private static final int FLIPS = 1500;

  @TempDir
  Path folder;

  @Test
  void everyTruncationIsACodedError() throws IOException {
    byte[] whole = wholeFile();
    for (int length = 0; length < whole.length; length++) {
      assertThat(opens(Arrays.copyOf(whole, length)))
          .as("first %d bytes", length)
          .isFalse();
    }
    assertThat(opens(whole)).isTrue();
  }

  @Test
  void flippedBitsEndInACodedErrorOrInReadsWithinBounds() throws IOException {
    Random random = new Random(2024);
    byte[] whole = wholeFile();
    int headerEnd = whole.length - 64;
    int refused = 0;
    for (int round = 0; round < FLIPS; round++) {
      byte[] damaged = whole.clone();
      int flips = 1 + random.nextInt(3);
      for (int i = 0; i < flips; i++) {
        damaged[random.nextInt(headerEnd)] ^= (byte) (1 << random.nextInt(8));
      }
      refused += opens(damaged) ? 0 : 1;
    }
    assertThat(refused).isBetween(FLIPS / 4, FLIPS - 1);
  }

  @Test
  void replacedHeaderCharactersEndInACodedErrorOrInReadsWithinBounds() throws IOException {
    Random random = new Random(2025);
    byte[] whole = wholeFile();
    byte[] alphabet = {
      '0', '9', '-', '.', 'e', '"', ',', ':', '[', ']', '{', '}', ' ', 'F', 'x', '\\'
    };
    for (int round = 0; round < FLIPS; round++) {
      byte[] damaged = whole.clone();
      int at = 8 + random.nextInt(whole.length - 72);
      for (int i = 0; i <= round % 3 && at + i < whole.length - 64; i++) {
        damaged[at + i] = alphabet[random.nextInt(alphabet.length)];
      }
      opens(damaged);
    }
  }

  /** Whether the file opens; then every element of it is read. Anything but a coded error fails the test. */
  private boolean opens(byte[] content) {
    Path path = TestFiles.write(folder.resolve("fuzzed.safetensors"), content);
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      long read = 0;
      for (String key : file.keys()) {
        TensorData data = file.find(key).orElseThrow();
        int count = Math.toIntExact(data.info().elements());
        data.readFloats(0, new float[count], count);
        read += data.info().bytes();
      }
      assertThat(read).isLessThan(content.length);
      return true;
    } catch (UserError e) {
      assertThat(e.code()).startsWith("IM01");
      return false;
    }
  }

  /** Three tensors, 64 bytes of data. */
  private static byte[] wholeFile() throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter()
        .metadata("format", "pt")
        .declare("a.weight", StoredType.F32, List.of(2L, 3L))
        .declare("a.bias", StoredType.F16, List.of(4L))
        .declare("b", StoredType.I64, List.of(2L, 2L));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(
        Channels.newChannel(out),
        (info, channel) -> channel.write(ByteBuffer.allocate((int) info.bytes())));
    return out.toByteArray();
  }
}
