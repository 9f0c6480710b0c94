package org.quantcache.kernels.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PairPackerTest {
  @Test
  void neighboursShareAByteAndTheRestIsZero() throws IOException {
    assertThat(pack(2, 3, 1, -2, 7, -8, 0, -1))
        .containsExactly(0x69, (byte) 0x8f, (byte) 0x80, (byte) 0x87);
    assertThat(pack(1, 1, 5)).containsExactly((byte) 0x8d);
    assertThat(pack(1, 2, -8, 7)).containsExactly((byte) 0xf0);
  }

  private static byte[] pack(int outputs, int inputs, int... values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    QuadPacker.Rows rows = (row, into) -> {
      for (int k = 0; k < inputs; k++) {
        into[k] = (byte) values[(int) row * inputs + k];
      }
    };
    PairPacker.pack(outputs, inputs, rows, Channels.newChannel(out));
    assertThat(out.size()).isEqualTo(outputs * PairPacker.rowBytes(inputs));
    return Arrays.copyOf(out.toByteArray(), out.size());
  }
}
