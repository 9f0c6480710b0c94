package org.quantcache.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;

/** Model section 3.4. */
class TextRowsTest {
  private static final int CHANNELS = 3;

  @Test
  void rowsThatCountMoveToTheFrontInTheirOrder() {
    // Masks with holes do not come from a tokenizer, but they have a meaning.
    long[] mask = {0, 1, 0, 7, 0, 0, 0, 0};
    float[] rows = rows(4 * 4);
    float[] out = filled(rows.length);
    int[] lengths = {-1, -1, -1, -1};
    TextRows.pack(
        FloatBuffer.wrap(rows),
        TextRows.mask(LongBuffer.wrap(mask)),
        2,
        4,
        4,
        CHANNELS,
        FloatBuffer.wrap(out),
        IntBuffer.wrap(lengths));
    assertThat(lengths).containsExactly(2, 0, 2, 0);
    float[] expected = new float[rows.length];
    for (int sample : new int[] {0, 2}) {
      System.arraycopy(
          rows, (4 * sample + 1) * CHANNELS, expected, 4 * sample * CHANNELS, CHANNELS);
      System.arraycopy(
          rows, (4 * sample + 3) * CHANNELS, expected, (4 * sample + 1) * CHANNELS, CHANNELS);
    }
    assertThat(out).containsExactly(expected);
  }

  @Test
  void masksOfBytesAndOfLongsSayTheSame() {
    Random random = new Random(2);
    byte[] bytes = new byte[20];
    long[] longs = new long[20];
    for (int i = 0; i < 20; i++) {
      bytes[i] = (byte) random.nextInt(2);
      longs[i] = bytes[i];
    }
    bytes[3] = (byte) 0x80;
    longs[3] = 1L << 40;
    for (int i = 0; i < 20; i++) {
      assertThat(TextRows.mask(ByteBuffer.wrap(bytes)).counts(i))
          .isEqualTo(TextRows.mask(LongBuffer.wrap(longs)).counts(i))
          .isEqualTo(longs[i] != 0);
    }
  }

  @Test
  void packedRowsGoToTheirSamplesWithZerosBehind() {
    float[] packed = rows(5);
    float[] out = filled(4 * 3 * CHANNELS);
    int[] lengths = new int[4];
    unpack(packed, new long[] {2, 0, 3, 0}, 5, out, lengths);
    assertThat(lengths).containsExactly(2, 0, 3, 0);
    float[] expected = new float[out.length];
    System.arraycopy(packed, 0, expected, 0, 2 * CHANNELS);
    System.arraycopy(packed, 2 * CHANNELS, expected, 6 * CHANNELS, 3 * CHANNELS);
    assertThat(out).containsExactly(expected);
  }

  @Test
  void packingUndoesUnpacking() {
    float[] packed = rows(6);
    float[] dense = filled(4 * 3 * CHANNELS);
    int[] lengths = new int[4];
    unpack(packed, new long[] {1, 2, 0, 3}, 6, dense, lengths);
    float[] again = filled(dense.length);
    TextRows.pack(
        FloatBuffer.wrap(dense),
        index -> index % 3 < lengths[index / 3],
        4,
        4,
        3,
        CHANNELS,
        FloatBuffer.wrap(again),
        IntBuffer.wrap(new int[4]));
    assertThat(again).containsExactly(dense);
  }

  @Test
  void lengthsThatDoNotFitAreRefusedBeforeAnythingIsWritten() {
    for (long[] given : new long[][] {
      {2, 2, 2, 0}, {0, 0, 0, 0}, {4, 1, 0, 0}, {-1, 3, 3, 0}, {Long.MAX_VALUE, 1, 1, 1}
    }) {
      float[] out = filled(4 * 3 * CHANNELS);
      float[] before = out.clone();
      assertThatThrownBy(() -> unpack(rows(5), given, 5, out, new int[4]))
          .as(Arrays.toString(given))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0103"));
      assertThat(out).containsExactly(before);
    }
  }

  private static void unpack(float[] packed, long[] given, int total, float[] out, int[] lengths) {
    TextRows.unpack(
        FloatBuffer.wrap(packed),
        LongBuffer.wrap(given),
        total,
        4,
        3,
        CHANNELS,
        FloatBuffer.wrap(out),
        IntBuffer.wrap(lengths));
  }

  private static float[] rows(int count) {
    float[] out = new float[count * CHANNELS];
    for (int i = 0; i < out.length; i++) {
      out[i] = i + 1;
    }
    return out;
  }

  private static float[] filled(int count) {
    float[] out = new float[count];
    Arrays.fill(out, -5);
    return out;
  }
}
