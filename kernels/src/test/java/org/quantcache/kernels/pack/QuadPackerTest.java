package org.quantcache.kernels.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuadPackerTest {
  @Test
  void everyValueIsAtItsPlaceAndTheRestIsZero() throws IOException {
    Random random = new Random(3);
    for (int cell : new int[] {4, 8}) {
      for (int[] shape :
          new int[][] {{1, 1, 8}, {7, 5, 8}, {8, 4, 8}, {9, 1, 4}, {33, 17, 16}, {64, 3, 32}}) {
        byte[] matrix = new byte[shape[0] * shape[1]];
        for (int i = 0; i < matrix.length; i++) {
          matrix[i] = (byte) (random.nextInt(1 << cell) - (1 << (cell - 1)));
        }
        ByteBuffer packed = pack(matrix, shape[0], shape[1], shape[2], cell);
        assertThat((long) packed.capacity())
            .isEqualTo(QuadPacker.bytes(shape[0], shape[1], shape[2], cell));
        int outputs = (shape[0] + shape[2] - 1) / shape[2] * shape[2];
        for (int n = 0; n < outputs; n++) {
          for (int k = 0; k < (shape[1] + 3) / 4 * 4; k++) {
            boolean inside = n < shape[0] && k < shape[1];
            assertThat(QuadPacker.value(packed, n, k, shape[1], shape[2], cell))
                .isEqualTo(inside ? matrix[n * shape[1] + k] : 0);
          }
        }
      }
    }
  }

  @Test
  void quadsOfTheOutputsStandSideBySide() throws IOException {
    byte[] matrix = {1, 2, 3, 4, 5, -1, -2, -3, -4, -5};
    assertThat(pack(matrix, 2, 5, 2, 8).array())
        .containsExactly(1, 2, 3, 4, -1, -2, -3, -4, 5, 0, 0, 0, -5, 0, 0, 0);
    // The first half of a row is in the lower halves of the bytes, each value 8 above itself.
    assertThat(pack(matrix, 2, 5, 2, 4).array())
        .containsExactly(0x79, 0x6a, 0x5b, 0x4c, 0x3d, (byte) 0x88, (byte) 0x88, (byte) 0x88);
  }

  @Test
  void otherCellsAreRefused() {
    assertThatThrownBy(() -> pack(new byte[1], 1, 1, 8, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 6");
  }

  private static ByteBuffer pack(byte[] matrix, int outputs, int inputs, int width, int cell)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    QuadPacker.pack(
        outputs,
        inputs,
        width,
        cell,
        (row, into) -> System.arraycopy(matrix, (int) row * inputs, into, 0, inputs),
        Channels.newChannel(out));
    return ByteBuffer.wrap(out.toByteArray());
  }
}
