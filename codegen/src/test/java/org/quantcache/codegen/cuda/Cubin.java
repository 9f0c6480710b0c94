package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the head of a cubin, an ELF file, says. */
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
}
