package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What a cubin, an ELF file, says. */
final class Cubin {
  private static final int MACHINE_CUDA = 190;

  private Cubin() {}

  /** The compute capability that the code is for, ten times its major number and its minor one. */
  static int architecture(byte[] cubin) {
    ByteBuffer head = ByteBuffer.wrap(cubin).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(head.getInt(0)).as("ELF").isEqualTo(0x464c457f);
    assertThat(head.getShort(18)).isEqualTo((short) MACHINE_CUDA);
    int flags = head.getInt(48);
    // CUDA 13 moved the number by a byte, and its format says so.
    return head.get(8) >= 8 ? flags >> 8 & 0xff : flags & 0xff;
  }

  /** How many instructions of a kernel are of a kind, by the lowest twelve bits of their 128. */
  static int count(byte[] cubin, String kernel, int opcode) {
    ByteBuffer file = ByteBuffer.wrap(cubin).order(ByteOrder.LITTLE_ENDIAN);
    int headers = (int) file.getLong(40);
    int headerBytes = file.getShort(58);
    int sections = file.getShort(60);
    int names = (int) file.getLong(headers + file.getShort(62) * headerBytes + 24);
    for (int i = 0; i < sections; i++) {
      int header = headers + i * headerBytes;
      byte[] name = (".text." + kernel + "\0").getBytes(StandardCharsets.US_ASCII);
      int nameAt = names + file.getInt(header);
      if (file.slice(nameAt, Math.min(name.length, cubin.length - nameAt))
          .equals(ByteBuffer.wrap(name))) {
        int start = (int) file.getLong(header + 24);
        int end = start + (int) file.getLong(header + 32);
        int count = 0;
        for (int at = start; at < end; at += 16) {
          count += (file.getInt(at) & 0xfff) == opcode ? 1 : 0;
        }
        return count;
      }
    }
    throw new AssertionError("no code of " + kernel);
  }
}
