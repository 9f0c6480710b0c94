package org.quantcache.tools.gpu;

/** Kernels that go over rows: norms, and rounding with all that is fused into it. */
final class RowPrograms {
  private final ProgramText text;

  RowPrograms(ProgramText text) {
    this.text = text;
  }

  void norms(String kind, double tolerance) {
    for (int channels : new int[] {5, 72, 130, 1152}) {
      String x = "2, 3, " + ProgramText.PLACES + ", " + channels;
      String table = "2, 1, 1, " + channels;
      text.begin(
          "norm_%s_c%d".formatted(kind, channels),
          tolerance,
          "%x: f32[" + x + "], %shift: f32[" + table + "], %scale: f32[" + table + "]",
          "f32[" + x + "]");
      text.take("x", kind, x);
      text.take("shift", kind, table);
      text.take("scale", kind, table);
      text.line("%%n = nn.layer_norm(%%x_in) <epsilon = 1.0E-6> : %s[%s]", kind, x);
      text.line(
          "%%y = fused.norm_modulate(%%n, %%shift_in, %%scale_in) <epsilon = 1.0E-6> : %s[%s]",
          kind, x);
      text.give("y", kind, x);
    }
  }

  /** Rounded rows meet a weight that keeps each of their numbers apart. */
  void roundings(String kind) {
    int[][] sizes = {{5, 0}, {72, 8}, {128, 128}, {130, 2}, {512, 256}, {1152, 128}, {1024, 1024}};
    for (int[] size : sizes) {
      String token = "granularity = token" + hadamard(size[1]);
      rounding(
          "rows",
          kind,
          size[0],
          "%x_in",
          "bits = 8, " + token + ", prologue = []",
          Tolerances.SAME_STEP);
      rounding(
          "tensor",
          kind,
          size[0],
          "%x_in",
          "bits = 6, granularity = tensor" + hadamard(size[1]) + ", prologue = []",
          Tolerances.SAME_STEP);
    }
    rounding(
        "dynamic",
        kind,
        72,
        "%x_in, %bits",
        "bits = 8, dynamic = true, granularity = token, prologue = []",
        Tolerances.SAME_STEP);
    rounding(
        "gelu",
        kind,
        1152,
        "%x_in",
        "bits = 8, granularity = token, hadamard = 128, prologue = [gelu]",
        Tolerances.ONE_STEP);
    rounding(
        "norm",
        kind,
        1152,
        "%x_in, %shift_in, %scale_in",
        "bits = 8, epsilon = 1.0E-6, granularity = token, hadamard = 128, prologue = [norm_modulate]",
        Tolerances.ONE_STEP);
  }

  private static String hadamard(int block) {
    return block == 0 ? "" : ", hadamard = " + block;
  }

  private void rounding(
      String what,
      String kind,
      int channels,
      String operands,
      String attributes,
      double tolerance) {
    String x = "2, 3, " + ProgramText.PLACES + ", " + channels;
    String table = "2, 1, 1, " + channels;
    String weight = SeededWeights.IDENTITY + channels;
    String type =
        "q<range = 8, cell = 8, per = channel, scale = f32>[%d, %d]".formatted(channels, channels);
    String recipe = "bits = 8, key = \"" + weight + "\"";
    text.weight("  weight.def @%s <%s, type = %s>\n".formatted(weight, recipe, type));
    text.weight("  weight.def @%s_scale <%s, part = scale, type = f32[%d]>\n"
        .formatted(weight, recipe, channels));
    text.weight("  weight.def @%s_sum <%s, part = sum, type = i32[%d]>\n"
        .formatted(weight, recipe, channels));
    String input = what.equals("rows") ? "varied" : "x";
    text.begin(
        "round_%s_%s_c%d".formatted(what, kind, channels),
        tolerance,
        "%" + input + ": f32[" + x + "], %shift: f32[" + table + "], %scale: f32[" + table
            + "], %bits: i32[]",
        "f32[" + x + "]");
    text.take(input, kind, x);
    text.take("shift", kind, table);
    text.take("scale", kind, table);
    text.line(
        "%%v, %%r = quant.rows(%s) <%s>",
        operands.replace("%x_in", "%" + input + "_in"), attributes);
    text.line("%%w = weight.get <weight = @%s> : %s", weight, type);
    text.line("%%s = weight.get <weight = @%s_scale> : f32[%d]", weight, channels);
    text.line("%%o = weight.get <weight = @%s_sum> : i32[%d]", weight, channels);
    text.line("%%c = quant.linear(%%v, %%r, %%w, %%s, %%o) <epilogue = []> : f32[%s]", x);
    text.give("c", "f32", x);
  }
}
