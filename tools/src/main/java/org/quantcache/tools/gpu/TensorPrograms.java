package org.quantcache.tools.gpu;

/** What moves values and computes on each of them, and both ends of a step. */
final class TensorPrograms {
  private final ProgramText text;

  TensorPrograms(ProgramText text) {
    this.text = text;
  }

  void movements(String kind, double tolerance) {
    text.begin(
        "movements_" + kind,
        tolerance,
        "%x: f32[4, 3, 5], %y: f32[2, 1, 5], %times: f32[4, 3, 1]",
        "f32[4, 4, 7], f32[4, 3, 10], f32[3, 4, 5], f32[4, 3, 5], f32[6, 3, 5]",
        "padded",
        "joined",
        "turned",
        "chosen",
        "stacked");
    text.take("x", kind, "4, 3, 5");
    text.take("y", kind, "2, 1, 5");
    text.line("%%p = tensor.pad(%%x_in) <after = [0, 1, 2]> : %s[4, 4, 7]", kind);
    text.line("%%j = tensor.concat(%%x_in, %%x_in) <axis = 2> : %s[4, 3, 10]", kind);
    text.line("%%t = tensor.permute(%%x_in) <order = [1, 0, 2]> : %s[3, 4, 5]", kind);
    text.line("%%half = tensor.constant <value = 0.5> : f32[4, 3, 1]");
    text.line("%%ge = math.compare(%%x, %%half) <predicate = ge> : i1[4, 3, 5]");
    text.line("%%eq = math.compare(%%x, %%times) <predicate = eq> : i1[4, 3, 5]");
    text.line("%%truth = math.and_not(%%ge, %%eq) : i1[4, 3, 5]");
    text.line("%%m = math.mul(%%x_in, %%y_in) : %s[4, 3, 5]", kind);
    text.line("%%d = math.sub(%%m, %%x_in) : %s[4, 3, 5]", kind);
    text.line("%%g = nn.gelu(%%d) : %s[4, 3, 5]", kind);
    text.line("%%u = nn.silu(%%d) : %s[4, 3, 5]", kind);
    text.line("%%c = math.select(%%truth, %%g, %%u) : %s[4, 3, 5]", kind);
    text.line("%%f = tensor.slice(%%x_in) <axis = 0, start = 2> : %s[2, 3, 5]", kind);
    text.line("%%k = tensor.concat(%%x_in, %%f) <axis = 0> : %s[6, 3, 5]", kind);
    String[][] results = {
      {"p", "4, 4, 7"}, {"j", "4, 3, 10"}, {"t", "3, 4, 5"}, {"c", "4, 3, 5"}, {"k", "6, 3, 5"}
    };
    text.give(kind, results);
  }

  /** Latents without whole patches to tokens, and tokens to latents. */
  void ends(String kind, int channels, double tolerance) {
    String embed = "embed_" + channels;
    String last = "final_" + channels;
    text.define(embed, "f32", channels + ", 16");
    text.define(embed + "_bias", "f32", Integer.toString(channels));
    text.define(last, "f32", "32, " + channels);
    text.define(last + "_bias", "f32", "32");
    String tokens = "2, 3, 12, " + channels;
    text.begin(
        "patch_embed_%s_c%d".formatted(kind, channels),
        tolerance,
        "%z: f32[2, 4, 3, 5, 7], %position: f32[1, 1, 12, " + channels + "]",
        "f32[" + tokens + "]");
    text.line("%%w = weight.get <weight = @%s> : f32[%d, 16]", embed, channels);
    text.line("%%b = weight.get <weight = @%s_bias> : f32[%d]", embed, channels);
    text.line(
        "%%x = fused.patch_embed(%%z, %%w, %%b, %%position) <patch = [1, 2, 2]> : %s[%s]",
        kind, tokens);
    text.give("x", kind, tokens);
    String table = "1, 3, 1, " + channels;
    text.begin(
        "final_step_%s_c%d".formatted(kind, channels),
        // Tokens have the kind, all that follows is in f32.
        Tolerances.FLOATS,
        "%x: f32[" + tokens + "], %shift: f32[" + table + "], %scale: f32[" + table
            + "], %z: f32[1, 4, 3, 5, 7], %guidance: f32[1], %dt: f32[1]",
        "f32[1, 4, 3, 5, 7]");
    text.take("x", kind, tokens);
    text.take("shift", kind, table);
    text.line("%%w = weight.get <weight = @%s> : f32[32, %d]", last, channels);
    text.line("%%b = weight.get <weight = @%s_bias> : f32[32]", last);
    text.line(
        "%%n = fused.final_step(%%x_in, %%shift_in, %%scale, %%w, %%b, %%z, %%guidance, %%dt) <epsilon = 1.0E-6, patch = [1, 2, 2]> : f32[1, 4, 3, 5, 7]");
    text.give("n", "f32", "1, 4, 3, 5, 7");
  }
}
