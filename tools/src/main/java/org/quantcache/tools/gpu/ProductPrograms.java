package org.quantcache.tools.gpu;

/** Products of floats and of whole numbers, with every epilogue, of many rows and of few. */
final class ProductPrograms {
  /** Places of a frame that make fewer rows than an instruction takes. */
  private static final String FEW = "2";

  private final ProgramText text;

  ProductPrograms(ProgramText text) {
    this.text = text;
  }

  void floats(String kind, double tolerance) {
    product(kind, 5, 7, "", tolerance);
    product(kind, 72, 130, "bias, gelu", tolerance);
    product(kind, 130, 24, "silu", tolerance);
    product(kind, 424, 648, "bias", tolerance);
    product(kind, 416, 640, "bias, gate, residual", tolerance);
    fewRows(kind, 72, 130, tolerance);
    fewRows(kind, 416, 640, tolerance);
  }

  /** A constant number of rows, fewer than an instruction takes. */
  private void fewRows(String kind, int k, int n, double tolerance) {
    String x = "2, 3, %s, %d".formatted(FEW, k);
    String c = "2, 3, %s, %d".formatted(FEW, n);
    text.define("w_%s_%d_%d".formatted(kind, n, k), kind, n + ", " + k);
    text.begin(
        "product_%s_k%d_n%d_few".formatted(kind, k, n),
        tolerance,
        "%x: f32[" + x + "]",
        "f32[" + c + "]");
    text.take("x", kind, x);
    text.line("%%w = weight.get <weight = @w_%s_%d_%d> : %s[%d, %d]", kind, n, k, kind, n, k);
    text.line("%%c = fused.linear(%%x_in, %%w) <epilogue = []> : %s[%s]", kind, c);
    text.give("c", kind, c);
  }

  private void product(String kind, int k, int n, String epilogue, double tolerance) {
    String name = "product_%s_k%d_n%d".formatted(kind, k, n);
    String places = epilogue.contains("gate") ? ProgramText.PLACES : "R";
    String x = "2, 3, %s, %d".formatted(places, k);
    String c = "2, 3, %s, %d".formatted(places, n);
    text.define("w_%s_%d_%d".formatted(kind, n, k), kind, n + ", " + k);
    text.define("bias_" + n, "f32", Integer.toString(n));
    text.begin(
        name,
        tolerance,
        "%x: f32[" + x + "], %gate: f32[2, 1, 1, " + n + "], %residual: f32[" + c + "]",
        "f32[" + c + "]");
    text.take("x", kind, x);
    text.take("gate", kind, "2, 1, 1, " + n);
    text.take("residual", kind, c);
    text.line("%%w = weight.get <weight = @w_%s_%d_%d> : %s[%d, %d]", kind, n, k, kind, n, k);
    text.line("%%b = weight.get <weight = @bias_%d> : f32[%d]", n, n);
    text.line(
        "%%c = fused.linear(%%x_in, %%w%s) <epilogue = [%s]> : %s[%s]",
        operands(epilogue), epilogue, kind, c);
    text.give("c", kind, c);
  }

  private static String operands(String epilogue) {
    return (epilogue.contains("bias") ? ", %b" : "")
        + (epilogue.contains("gate") ? ", %gate_in" : "")
        + (epilogue.contains("residual") ? ", %residual_in" : "");
  }

  /** Whole numbers up to the largest of their bits stay what they are, so that results are those of whole numbers, to the bit. */
  void integers() {
    for (int cell : new int[] {8, 4}) {
      bytes(cell, 5, 7, 5, "", 0);
      bytes(cell, 72, 130, 72, "", 0);
      bytes(cell, 416, 640, 416, "", 0);
      bytes(cell, 424, 648, 424, "bias, gelu", Tolerances.FLOATS);
      bytes(cell, 512, 528, 128, "bias, gate, residual", Tolerances.FLOATS);
    }
    product(4, 4, "R", 72, 130, 72, "", 0);
    product(4, 4, "R", 416, 640, 416, "", 0);
    product(4, 4, "R", 424, 648, 424, "bias, gelu", Tolerances.FLOATS);
    product(4, 4, ProgramText.PLACES, 512, 528, 128, "bias, gate, residual", Tolerances.FLOATS);
    for (int[] bits : new int[][] {{8, 8}, {4, 8}, {4, 4}}) {
      product(bits[0], bits[1], FEW, 416, 640, 416, "", 0);
    }
  }

  private void bytes(int cell, int k, int n, int group, String epilogue, double tolerance) {
    String places = epilogue.contains("gate") ? ProgramText.PLACES : "R";
    product(cell, 8, places, k, n, group, epilogue, tolerance);
  }

  private void product(
      int cell,
      int bits,
      String places,
      int k,
      int n,
      int group,
      String epilogue,
      double tolerance) {
    String name = "product_w%da%d_k%d_n%d%s%s"
        .formatted(
            cell, bits, k, n, group < k ? "_group" + group : "", places.equals(FEW) ? "_few" : "");
    String whole = "whole" + bits;
    text.define("bias_" + n, "f32", Integer.toString(n));
    String x = "2, 3, %s, %d".formatted(places, k);
    String c = "2, 3, %s, %d".formatted(places, n);
    text.begin(
        name,
        tolerance,
        "%" + whole + ": f32[" + x + "], %gate_in: f32[2, 1, 1, " + n + "], %residual_in: f32[" + c
            + "]",
        "f32[" + c + "]");
    text.line(
        "%%v, %%r = quant.rows(%%%s) <bits = %d, granularity = token, prologue = []>", whole, bits);
    text.byteWeight(cell, k, n, group);
    text.line("%%b = weight.get <weight = @bias_%d> : f32[%d]", n, n);
    text.line(
        "%%c = quant.linear(%%v, %%r, %%w, %%s, %%o%s) <epilogue = [%s]> : f32[%s]",
        operands(epilogue), epilogue, c);
    text.give("c", "f32", c);
  }
}
