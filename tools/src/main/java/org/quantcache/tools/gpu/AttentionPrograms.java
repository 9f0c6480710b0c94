package org.quantcache.tools.gpu;

/** Attention within frames, between frames and to text, with keys of its own or of another kernel. */
final class AttentionPrograms {
  /** Three frames of them are one more than a chunk of queries. */
  private static final String QUERIES = "43";

  private final ProgramText text;

  AttentionPrograms(ProgramText text) {
    this.text = text;
  }

  void all(String kind, double tolerance) {
    attention(kind, 72, 16, false, tolerance);
    attention(kind, 72, 19, true, tolerance);
    attention(kind, 32, 5, true, tolerance);
    attention(kind, 72, 130, false, tolerance);
    attention(kind, 20, 65, false, tolerance);
    keyed(kind, 72, 130, false, tolerance);
    keyed(kind, 20, 65, false, tolerance);
    keyed(kind, 72, 130, true, Tolerances.ONE_STEP);
    keyed(kind, 128, 65, true, Tolerances.ONE_STEP);
    keyed(kind, 20, 65, true, Tolerances.ONE_STEP);
    cross(kind, 72, tolerance);
    cross(kind, 20, tolerance);
  }

  private void attention(String kind, int headDim, int length, boolean tables, double tolerance) {
    int width = 2 * headDim;
    String x = "2, %d, 3, %d".formatted(length, 3 * width);
    String y = "2, %d, 3, %d".formatted(length, width);
    text.begin(
        "attention_%s_d%d_l%d".formatted(kind, headDim, length),
        tolerance,
        "%x: f32[" + x + "]",
        "f32[" + y + "]");
    text.take("x", kind, x);
    String operands = "";
    String attributes = "axis = 1, heads = 2, scale = 0.125";
    if (tables) {
      text.define("norm_" + headDim, "f32", Integer.toString(headDim));
      text.line("%%norm = weight.get <weight = @norm_%d> : f32[%d]", headDim, headDim);
      text.line(
          "%%f = embed.rope_frequencies <count = %d, theta = 10000.0> : f32[%d]",
          headDim / 2, headDim / 2);
      text.line(
          "%%rope = embed.rope_table(%%f) <positions = %d> : f32[%d, %d, 2]",
          length, length, headDim / 2);
      operands = ", %norm, %norm, %rope";
      attributes = "axis = 1, epsilon = 1.0E-6, heads = 2, norm = true, rope = true, scale = 0.125";
    }
    text.line("%%y = fused.attention(%%x_in%s) <%s> : %s[%s]", operands, attributes, kind, y);
    text.give("y", kind, y);
  }

  /** Attention within frames to keys of their own, normed, as floats or as bytes. */
  private void keyed(String kind, int headDim, int length, boolean bytes, double tolerance) {
    int width = 2 * headDim;
    String x = "2, 2, %d, %d".formatted(length, 3 * width);
    String y = "2, 2, %d, %d".formatted(length, width);
    text.begin(
        "%s_attention_%s_d%d_l%d".formatted(bytes ? "byte" : "keyed", kind, headDim, length),
        tolerance,
        "%x: f32[" + x + "]",
        "f32[" + y + "]");
    text.take("x", kind, x);
    text.define("norm_" + headDim, "f32", Integer.toString(headDim));
    text.line("%%norm = weight.get <weight = @norm_%d> : f32[%d]", headDim, headDim);
    String keys = "axis = 2, epsilon = 1.0E-6, heads = 2, norm = true";
    if (bytes) {
      text.line(
          "%%k, %%s = quant.keys(%%x_in, %%norm) <%s> : i8[2, 2, 2, %d, %d], f32[2, 2, 2, %d]",
          keys, length, (headDim + 31) / 32 * 32, (length + 63) / 64);
    } else {
      text.line("%%k = fused.keys(%%x_in, %%norm) <%s> : %s[%s]", keys, kind, y);
    }
    text.line(
        "%%y = fused.keyed_attention(%%x_in, %%norm, %%k%s) <%s, scale = 0.125> : %s[%s]",
        bytes ? ", %s" : "", keys, kind, y);
    text.give("y", kind, y);
  }

  private void cross(String kind, int headDim, double tolerance) {
    int width = 2 * headDim;
    String q = "2, 3, " + QUERIES + ", " + width;
    String kv = "2, L, " + 2 * width;
    text.begin(
        "cross_attention_%s_d%d".formatted(kind, headDim),
        tolerance,
        "%x: f32[" + q + "], %text: f32[" + kv + "], %lengths: i32[2]",
        "f32[" + q + "]");
    text.take("x", kind, q);
    text.take("text", kind, kv);
    text.line(
        "%%y = fused.cross_attention(%%x_in, %%text_in, %%lengths) <heads = 2, scale = 0.125> : %s[%s]",
        kind, q);
    text.give("y", kind, q);
  }
}
