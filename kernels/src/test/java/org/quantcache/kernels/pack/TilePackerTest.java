package org.quantcache.kernels.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

class TilePackerTest {
  private static byte[] pack(int outputs, int inputs, int cellBits, int value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    QuadPacker.Rows rows = (row, into) -> Arrays.fill(into, (byte) value);
    TilePacker.pack(outputs, inputs, cellBits, rows, Channels.newChannel(out));
    return out.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 16, 8192",
    "64, 64, 16, 8192",
    "65, 65, 16, 32768",
    "64, 129, 8, 16384",
    "65, 128, 4, 8192"
  })
  void sizesAreThoseOfWholeTiles(int outputs, int inputs, int bits, long bytes) {
    assertThat(TilePacker.bytes(outputs, inputs, bits)).isEqualTo(bytes);
  }

  @Test
  void whatLiesBeyondTheWeightIsZero() throws IOException {
    byte[] bytes = pack(65, 130, 8, 1);
    byte[] halves = pack(65, 130, 4, 1);
    int ones = 0;
    for (byte b : bytes) {
      assertThat(b).isBetween((byte) 0, (byte) 1);
      ones += b;
    }
    assertThat(ones).isEqualTo(65 * 130);
    ones = 0;
    for (byte b : halves) {
      assertThat(b & 15).isBetween(8, 9);
      assertThat(b >> 4 & 15).isBetween(8, 9);
      ones += (b & 15) + (b >> 4 & 15) - 16;
    }
    assertThat(ones).isEqualTo(65 * 130);
  }

  /** Lane t of a product has rows 2t and 2t + 1 of the first eight and of the second: outputs 4t to 4t + 3. */
  @Test
  void fourNeighboursAreRowsOfALane() {
    Set<Integer> rows = new TreeSet<>();
    for (int output = 0; output < TilePacker.ROWS; output++) {
      int row = TilePacker.row(output);
      rows.add(row);
      assertThat(row / 16).isEqualTo(output / 16);
      assertThat(row % 8 / 2).as("lane").isEqualTo(output % 16 / 4);
    }
    assertThat(rows).hasSize(TilePacker.ROWS);
  }

  @Test
  void groupsOfChannelsHaveNoTiles() {
    QuantType grouped = new QuantType(4, 4, Granularity.GROUP, 128, ScalarType.F32);
    QuantType whole = new QuantType(4, 4, Granularity.CHANNEL, 0, ScalarType.F32);
    assertThat(TilePacker.isFor(TensorType.of(grouped, 64, 256))).isFalse();
    assertThat(TilePacker.isFor(TensorType.of(grouped, 64, 128))).isTrue();
    assertThat(TilePacker.isFor(TensorType.of(whole, 64, 256))).isTrue();
    assertThat(TilePacker.isFor(TensorType.of(ScalarType.BF16, 64, 256))).isTrue();
  }
}
