package org.quantcache.kernels.host;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.quantcache.ir.diagnostics.UserError;

/** Moves ragged text between its packed and its dense form; model section 3.4. */
public final class TextRows {
  /** Whether token {@code index} of the mask counts. */
  @FunctionalInterface
  public interface Mask {
    boolean counts(int index);
  }

  private TextRows() {}

  /** A mask of whole numbers. */
  public static Mask mask(LongBuffer values) {
    return index -> values.get(index) != 0;
  }

  /** A mask of bytes. */
  public static Mask mask(ByteBuffer values) {
    return index -> values.get(index) != 0;
  }

  /**
   * {@code text.pack}: rows that count move to the front, the rest becomes zero.
   *
   * @param rows [batch, tokens, channels]
   * @param mask [maskRows, tokens]
   * @param out [batch, tokens, channels], not the same memory as {@code rows}
   * @param lengths [batch]
   */
  public static void pack(
      FloatBuffer rows,
      Mask mask,
      int maskRows,
      int batch,
      int tokens,
      int channels,
      FloatBuffer out,
      IntBuffer lengths) {
    for (int b = 0; b < batch; b++) {
      int kept = 0;
      for (int l = 0; l < tokens; l++) {
        if (mask.counts((b % maskRows) * tokens + l)) {
          copy(rows, (b * tokens + l) * channels, out, (b * tokens + kept) * channels, channels);
          kept++;
        }
      }
      clear(out, (b * tokens + kept) * channels, (tokens - kept) * channels);
      lengths.put(b, kept);
    }
  }

  /**
   * {@code text.unpack}: the rows of all samples stand one after the other in {@code packed}.
   *
   * @param packed [1, total, channels]
   * @param given tokens of each sample, [batch]
   * @param out [batch, tokens, channels]
   * @throws UserError RT0103 when the lengths do not add up or exceed {@code tokens}
   */
  public static void unpack(
      FloatBuffer packed,
      LongBuffer given,
      int total,
      int batch,
      int tokens,
      int channels,
      FloatBuffer out,
      IntBuffer lengths) {
    long sum = 0;
    for (int b = 0; b < batch; b++) {
      long length = given.get(b);
      if (length < 0 || length > tokens) {
        throw UserError.of("RT0103", "y_lens[%d] is %d, expected 0..%d", b, length, tokens);
      }
      sum += length;
    }
    if (sum != total) {
      throw UserError.of("RT0103", "y_lens add up to %d, but y holds %d rows", sum, total);
    }
    int from = 0;
    for (int b = 0; b < batch; b++) {
      int length = (int) given.get(b);
      copy(packed, from * channels, out, b * tokens * channels, length * channels);
      clear(out, (b * tokens + length) * channels, (tokens - length) * channels);
      lengths.put(b, length);
      from += length;
    }
  }

  private static void copy(
      FloatBuffer from, int fromIndex, FloatBuffer to, int toIndex, int count) {
    for (int i = 0; i < count; i++) {
      to.put(toIndex + i, from.get(fromIndex + i));
    }
  }

  private static void clear(FloatBuffer out, int from, int count) {
    for (int i = 0; i < count; i++) {
      out.put(from + i, 0f);
    }
  }
}
