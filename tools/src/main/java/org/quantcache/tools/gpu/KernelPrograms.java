package org.quantcache.tools.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/**
 * Small programs that together hold every family of kernels, at odd sizes and at sizes that fill whole tiles, with
 * activations of 32 and of 16 bits. Rows are a size of each run.
 */
public final class KernelPrograms {
  /** The most rows of a run, in each of two samples of three frames. */
  static final int MOST_ROWS = 24;

  /** Kernels that compute in f32 add in another order than the reference device. */
  private static final double FLOATS = 2e-5;
  /** A result of 16 bits may be rounded to the neighbour of its value. */
  private static final double HALVES = 4.5e-3;
  /** Weights of attention are rounded to 16 bits before they are multiplied. */
  private static final double HALF_ATTENTION = 1e-2;
  /** Behind a prologue a number may be rounded to the neighbouring step of its grid. */
  private static final double ONE_STEP = 2e-2;
  /** Far below one step of a grid. */
  private static final double SAME_STEP = 1e-5;

  /** Places of a frame where tables have a row for each sample, which takes constant sizes. */
  private static final String PLACES = "23";

  /** Places of a frame that make fewer rows than an instruction takes. */
  private static final String FEW = "2";

  /** Three frames of them are one more than a chunk of queries. */
  private static final String QUERIES = "43";

  private static final List<String> KINDS = List.of("f32", "bf16");

  /**
   * A function of the module.
   *
   * @param tolerance largest distance from the reference device, over the largest number of the row; 0 asks for the
   *     same bits
   */
  public record Program(String name, double tolerance) {}

  private final List<Program> programs = new ArrayList<>();
  private final Set<String> weights = new TreeSet<>();
  private final StringBuilder functions = new StringBuilder();

  private KernelPrograms() {
    for (String kind : KINDS) {
      boolean halves = kind.equals("bf16");
      products(kind, halves ? HALVES : FLOATS);
      attention(kind, halves ? HALF_ATTENTION : FLOATS);
      norms(kind, halves ? HALVES : FLOATS);
      roundings(kind);
      movements(kind, halves ? HALVES : FLOATS);
      ends(kind, 33, halves ? HALVES : FLOATS);
      ends(kind, 1152, halves ? HALVES : FLOATS);
      loop(kind, halves ? HALF_ATTENTION : FLOATS);
    }
    products();
    for (int weightBits : new int[] {16, 8, 4}) {
      probed(weightBits, 8, 64);
      probed(weightBits, 424, 672);
    }
  }

  /** What there is to run, in order. */
  public static List<Program> all() {
    return List.copyOf(new KernelPrograms().programs);
  }

  /** All of it, not yet lowered. */
  public static IrModule module() {
    return IrParser.parse(new KernelPrograms().text(), "kernels.qir", StandardOps.registry());
  }

  private String text() {
    return "module @kernels <dims = [#dim<bound = 99, name = L>, #dim<bound = 9, name = N>, #dim<bound = 24, name = R>]> {\n"
        + String.join("", weights) + functions + "}\n";
  }

  private void products(String kind, double tolerance) {
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
    define("w_%s_%d_%d".formatted(kind, n, k), kind, n + ", " + k);
    begin(
        "product_%s_k%d_n%d_few".formatted(kind, k, n),
        tolerance,
        "%x: f32[" + x + "]",
        "f32[" + c + "]");
    take("x", kind, x);
    line("%%w = weight.get <weight = @w_%s_%d_%d> : %s[%d, %d]", kind, n, k, kind, n, k);
    line("%%c = fused.linear(%%x_in, %%w) <epilogue = []> : %s[%s]", kind, c);
    give("c", kind, c);
  }

  private void product(String kind, int k, int n, String epilogue, double tolerance) {
    String name = "product_%s_k%d_n%d".formatted(kind, k, n);
    String places = epilogue.contains("gate") ? PLACES : "R";
    String x = "2, 3, %s, %d".formatted(places, k);
    String c = "2, 3, %s, %d".formatted(places, n);
    define("w_%s_%d_%d".formatted(kind, n, k), kind, n + ", " + k);
    define("bias_" + n, "f32", Integer.toString(n));
    begin(
        name,
        tolerance,
        "%x: f32[" + x + "], %gate: f32[2, 1, 1, " + n + "], %residual: f32[" + c + "]",
        "f32[" + c + "]");
    take("x", kind, x);
    take("gate", kind, "2, 1, 1, " + n);
    take("residual", kind, c);
    line("%%w = weight.get <weight = @w_%s_%d_%d> : %s[%d, %d]", kind, n, k, kind, n, k);
    line("%%b = weight.get <weight = @bias_%d> : f32[%d]", n, n);
    line(
        "%%c = fused.linear(%%x_in, %%w%s) <epilogue = [%s]> : %s[%s]",
        operands(epilogue), epilogue, kind, c);
    give("c", kind, c);
  }

  private static String operands(String epilogue) {
    return (epilogue.contains("bias") ? ", %b" : "")
        + (epilogue.contains("gate") ? ", %gate_in" : "")
        + (epilogue.contains("residual") ? ", %residual_in" : "");
  }

  /** Whole numbers up to the largest of their bits stay what they are, so that results are those of whole numbers, to the bit. */
  private void products() {
    for (int cell : new int[] {8, 4}) {
      bytes(cell, 5, 7, 5, "", 0);
      bytes(cell, 72, 130, 72, "", 0);
      bytes(cell, 416, 640, 416, "", 0);
      bytes(cell, 424, 648, 424, "bias, gelu", FLOATS);
      bytes(cell, 512, 528, 128, "bias, gate, residual", FLOATS);
    }
    product(4, 4, "R", 72, 130, 72, "", 0);
    product(4, 4, "R", 416, 640, 416, "", 0);
    product(4, 4, "R", 424, 648, 424, "bias, gelu", FLOATS);
    product(4, 4, PLACES, 512, 528, 128, "bias, gate, residual", FLOATS);
    for (int[] bits : new int[][] {{8, 8}, {4, 8}, {4, 4}}) {
      product(bits[0], bits[1], FEW, 416, 640, 416, "", 0);
    }
  }

  private void bytes(int cell, int k, int n, int group, String epilogue, double tolerance) {
    String places = epilogue.contains("gate") ? PLACES : "R";
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
    define("bias_" + n, "f32", Integer.toString(n));
    String x = "2, 3, %s, %d".formatted(places, k);
    String c = "2, 3, %s, %d".formatted(places, n);
    begin(
        name,
        tolerance,
        "%" + whole + ": f32[" + x + "], %gate_in: f32[2, 1, 1, " + n + "], %residual_in: f32[" + c
            + "]",
        "f32[" + c + "]");
    line(
        "%%v, %%r = quant.rows(%%%s) <bits = %d, granularity = token, prologue = []>", whole, bits);
    byteWeight(cell, k, n, group);
    line("%%b = weight.get <weight = @bias_%d> : f32[%d]", n, n);
    line(
        "%%c = quant.linear(%%v, %%r, %%w, %%s, %%o%s) <epilogue = [%s]> : f32[%s]",
        operands(epilogue), epilogue, c);
    give("c", "f32", c);
  }

  /** Takes a weight of bytes or halves of bytes, with its scales and sums. */
  private void byteWeight(int cell, int k, int n, int group) {
    boolean grouped = group < k;
    String weight = "q%d_%d_%d_%d".formatted(cell, n, k, group);
    String per = grouped ? "group, group = " + group : "channel";
    String type =
        "q<range = %d, cell = %d, per = %s, scale = f32>[%d, %d]".formatted(cell, cell, per, n, k);
    String sizes = grouped ? n + ", " + k / group : Integer.toString(n);
    String recipe =
        "bits = %d%s, key = \"%s\"".formatted(cell, grouped ? ", group = " + group : "", weight);
    weights.add("  weight.def @%s <%s, type = %s>\n".formatted(weight, recipe, type));
    for (String part : List.of("scale", "sum")) {
      weights.add("  weight.def @%s_%s <%s, part = %s, type = %s[%s]>\n"
          .formatted(weight, part, recipe, part, part.equals("sum") ? "i32" : "f32", sizes));
    }
    line("%%w = weight.get <weight = @%s> : %s", weight, type);
    line("%%s = weight.get <weight = @%s_scale> : f32[%s]", weight, sizes);
    line("%%o = weight.get <weight = @%s_sum> : i32[%s]", weight, sizes);
  }

  private void attention(String kind, double tolerance) {
    attention(kind, 72, 16, false, tolerance);
    attention(kind, 72, 19, true, tolerance);
    attention(kind, 32, 5, true, tolerance);
    attention(kind, 72, 130, false, tolerance);
    attention(kind, 20, 65, false, tolerance);
    keyed(kind, 72, 130, false, tolerance);
    keyed(kind, 20, 65, false, tolerance);
    keyed(kind, 72, 130, true, ONE_STEP);
    keyed(kind, 128, 65, true, ONE_STEP);
    keyed(kind, 20, 65, true, ONE_STEP);
    cross(kind, 72, tolerance);
    cross(kind, 20, tolerance);
  }

  private void attention(String kind, int headDim, int length, boolean tables, double tolerance) {
    int width = 2 * headDim;
    String x = "2, %d, 3, %d".formatted(length, 3 * width);
    String y = "2, %d, 3, %d".formatted(length, width);
    begin(
        "attention_%s_d%d_l%d".formatted(kind, headDim, length),
        tolerance,
        "%x: f32[" + x + "]",
        "f32[" + y + "]");
    take("x", kind, x);
    String operands = "";
    String attributes = "axis = 1, heads = 2, scale = 0.125";
    if (tables) {
      define("norm_" + headDim, "f32", Integer.toString(headDim));
      line("%%norm = weight.get <weight = @norm_%d> : f32[%d]", headDim, headDim);
      line(
          "%%f = embed.rope_frequencies <count = %d, theta = 10000.0> : f32[%d]",
          headDim / 2, headDim / 2);
      line(
          "%%rope = embed.rope_table(%%f) <positions = %d> : f32[%d, %d, 2]",
          length, length, headDim / 2);
      operands = ", %norm, %norm, %rope";
      attributes = "axis = 1, epsilon = 1.0E-6, heads = 2, norm = true, rope = true, scale = 0.125";
    }
    line("%%y = fused.attention(%%x_in%s) <%s> : %s[%s]", operands, attributes, kind, y);
    give("y", kind, y);
  }

  /** Attention within frames to keys of their own, normed, as floats or as bytes. */
  private void keyed(String kind, int headDim, int length, boolean bytes, double tolerance) {
    int width = 2 * headDim;
    String x = "2, 2, %d, %d".formatted(length, 3 * width);
    String y = "2, 2, %d, %d".formatted(length, width);
    begin(
        "%s_attention_%s_d%d_l%d".formatted(bytes ? "byte" : "keyed", kind, headDim, length),
        tolerance,
        "%x: f32[" + x + "]",
        "f32[" + y + "]");
    take("x", kind, x);
    define("norm_" + headDim, "f32", Integer.toString(headDim));
    line("%%norm = weight.get <weight = @norm_%d> : f32[%d]", headDim, headDim);
    String keys = "axis = 2, epsilon = 1.0E-6, heads = 2, norm = true";
    if (bytes) {
      line(
          "%%k, %%s = quant.keys(%%x_in, %%norm) <%s> : i8[2, 2, 2, %d, %d], f32[2, 2, 2, %d]",
          keys, length, (headDim + 31) / 32 * 32, (length + 63) / 64);
    } else {
      line("%%k = fused.keys(%%x_in, %%norm) <%s> : %s[%s]", keys, kind, y);
    }
    line(
        "%%y = fused.keyed_attention(%%x_in, %%norm, %%k%s) <%s, scale = 0.125> : %s[%s]",
        bytes ? ", %s" : "", keys, kind, y);
    give("y", kind, y);
  }

  private void cross(String kind, int headDim, double tolerance) {
    int width = 2 * headDim;
    String q = "2, 3, " + QUERIES + ", " + width;
    String kv = "2, L, " + 2 * width;
    begin(
        "cross_attention_%s_d%d".formatted(kind, headDim),
        tolerance,
        "%x: f32[" + q + "], %text: f32[" + kv + "], %lengths: i32[2]",
        "f32[" + q + "]");
    take("x", kind, q);
    take("text", kind, kv);
    line(
        "%%y = fused.cross_attention(%%x_in, %%text_in, %%lengths) <heads = 2, scale = 0.125> : %s[%s]",
        kind, q);
    give("y", kind, q);
  }

  private void norms(String kind, double tolerance) {
    for (int channels : new int[] {5, 72, 130, 1152}) {
      String x = "2, 3, " + PLACES + ", " + channels;
      String table = "2, 1, 1, " + channels;
      begin(
          "norm_%s_c%d".formatted(kind, channels),
          tolerance,
          "%x: f32[" + x + "], %shift: f32[" + table + "], %scale: f32[" + table + "]",
          "f32[" + x + "]");
      take("x", kind, x);
      take("shift", kind, table);
      take("scale", kind, table);
      line("%%n = nn.layer_norm(%%x_in) <epsilon = 1.0E-6> : %s[%s]", kind, x);
      line(
          "%%y = fused.norm_modulate(%%n, %%shift_in, %%scale_in) <epsilon = 1.0E-6> : %s[%s]",
          kind, x);
      give("y", kind, x);
    }
  }

  /** Rounded rows meet a weight that keeps each of their numbers apart. */
  private void roundings(String kind) {
    int[][] sizes = {{5, 0}, {72, 8}, {128, 128}, {130, 2}, {512, 256}, {1152, 128}, {1024, 1024}};
    for (int[] size : sizes) {
      String token = "granularity = token" + hadamard(size[1]);
      rounding("rows", kind, size[0], "%x_in", "bits = 8, " + token + ", prologue = []", SAME_STEP);
      rounding(
          "tensor",
          kind,
          size[0],
          "%x_in",
          "bits = 6, granularity = tensor" + hadamard(size[1]) + ", prologue = []",
          SAME_STEP);
    }
    rounding(
        "dynamic",
        kind,
        72,
        "%x_in, %bits",
        "bits = 8, dynamic = true, granularity = token, prologue = []",
        SAME_STEP);
    rounding(
        "gelu",
        kind,
        1152,
        "%x_in",
        "bits = 8, granularity = token, hadamard = 128, prologue = [gelu]",
        ONE_STEP);
    rounding(
        "norm",
        kind,
        1152,
        "%x_in, %shift_in, %scale_in",
        "bits = 8, epsilon = 1.0E-6, granularity = token, hadamard = 128, prologue = [norm_modulate]",
        ONE_STEP);
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
    String x = "2, 3, " + PLACES + ", " + channels;
    String table = "2, 1, 1, " + channels;
    String weight = SeededWeights.IDENTITY + channels;
    String type =
        "q<range = 8, cell = 8, per = channel, scale = f32>[%d, %d]".formatted(channels, channels);
    String recipe = "bits = 8, key = \"" + weight + "\"";
    weights.add("  weight.def @%s <%s, type = %s>\n".formatted(weight, recipe, type));
    weights.add("  weight.def @%s_scale <%s, part = scale, type = f32[%d]>\n"
        .formatted(weight, recipe, channels));
    weights.add("  weight.def @%s_sum <%s, part = sum, type = i32[%d]>\n"
        .formatted(weight, recipe, channels));
    String input = what.equals("rows") ? "varied" : "x";
    begin(
        "round_%s_%s_c%d".formatted(what, kind, channels),
        tolerance,
        "%" + input + ": f32[" + x + "], %shift: f32[" + table + "], %scale: f32[" + table
            + "], %bits: i32[]",
        "f32[" + x + "]");
    take(input, kind, x);
    take("shift", kind, table);
    take("scale", kind, table);
    line(
        "%%v, %%r = quant.rows(%s) <%s>",
        operands.replace("%x_in", "%" + input + "_in"), attributes);
    line("%%w = weight.get <weight = @%s> : %s", weight, type);
    line("%%s = weight.get <weight = @%s_scale> : f32[%d]", weight, channels);
    line("%%o = weight.get <weight = @%s_sum> : i32[%d]", weight, channels);
    line("%%c = quant.linear(%%v, %%r, %%w, %%s, %%o) <epilogue = []> : f32[%s]", x);
    give("c", "f32", x);
  }

  private void movements(String kind, double tolerance) {
    begin(
        "movements_" + kind,
        tolerance,
        "%x: f32[4, 3, 5], %y: f32[2, 1, 5], %times: f32[4, 3, 1]",
        "f32[4, 4, 7], f32[4, 3, 10], f32[3, 4, 5], f32[4, 3, 5], f32[6, 3, 5]",
        "padded",
        "joined",
        "turned",
        "chosen",
        "stacked");
    take("x", kind, "4, 3, 5");
    take("y", kind, "2, 1, 5");
    line("%%p = tensor.pad(%%x_in) <after = [0, 1, 2]> : %s[4, 4, 7]", kind);
    line("%%j = tensor.concat(%%x_in, %%x_in) <axis = 2> : %s[4, 3, 10]", kind);
    line("%%t = tensor.permute(%%x_in) <order = [1, 0, 2]> : %s[3, 4, 5]", kind);
    line("%%half = tensor.constant <value = 0.5> : f32[4, 3, 1]");
    line("%%ge = math.compare(%%x, %%half) <predicate = ge> : i1[4, 3, 5]");
    line("%%eq = math.compare(%%x, %%times) <predicate = eq> : i1[4, 3, 5]");
    line("%%truth = math.and_not(%%ge, %%eq) : i1[4, 3, 5]");
    line("%%m = math.mul(%%x_in, %%y_in) : %s[4, 3, 5]", kind);
    line("%%d = math.sub(%%m, %%x_in) : %s[4, 3, 5]", kind);
    line("%%g = nn.gelu(%%d) : %s[4, 3, 5]", kind);
    line("%%u = nn.silu(%%d) : %s[4, 3, 5]", kind);
    line("%%c = math.select(%%truth, %%g, %%u) : %s[4, 3, 5]", kind);
    line("%%f = tensor.slice(%%x_in) <axis = 0, start = 2> : %s[2, 3, 5]", kind);
    line("%%k = tensor.concat(%%x_in, %%f) <axis = 0> : %s[6, 3, 5]", kind);
    String[][] results = {
      {"p", "4, 4, 7"}, {"j", "4, 3, 10"}, {"t", "3, 4, 5"}, {"c", "4, 3, 5"}, {"k", "6, 3, 5"}
    };
    give(kind, results);
  }

  /** Latents without whole patches to tokens, and tokens to latents. */
  private void ends(String kind, int channels, double tolerance) {
    String embed = "embed_" + channels;
    String last = "final_" + channels;
    define(embed, "f32", channels + ", 16");
    define(embed + "_bias", "f32", Integer.toString(channels));
    define(last, "f32", "32, " + channels);
    define(last + "_bias", "f32", "32");
    String tokens = "2, 3, 12, " + channels;
    begin(
        "patch_embed_%s_c%d".formatted(kind, channels),
        tolerance,
        "%z: f32[2, 4, 3, 5, 7], %position: f32[1, 1, 12, " + channels + "]",
        "f32[" + tokens + "]");
    line("%%w = weight.get <weight = @%s> : f32[%d, 16]", embed, channels);
    line("%%b = weight.get <weight = @%s_bias> : f32[%d]", embed, channels);
    line(
        "%%x = fused.patch_embed(%%z, %%w, %%b, %%position) <patch = [1, 2, 2]> : %s[%s]",
        kind, tokens);
    give("x", kind, tokens);
    String table = "1, 3, 1, " + channels;
    begin(
        "final_step_%s_c%d".formatted(kind, channels),
        // Tokens have the kind, all that follows is in f32.
        FLOATS,
        "%x: f32[" + tokens + "], %shift: f32[" + table + "], %scale: f32[" + table
            + "], %z: f32[1, 4, 3, 5, 7], %guidance: f32[1], %dt: f32[1]",
        "f32[1, 4, 3, 5, 7]");
    take("x", kind, tokens);
    take("shift", kind, table);
    line("%%w = weight.get <weight = @%s> : f32[32, %d]", last, channels);
    line("%%b = weight.get <weight = @%s_bias> : f32[32]", last);
    line(
        "%%n = fused.final_step(%%x_in, %%shift_in, %%scale, %%w, %%b, %%z, %%guidance, %%dt) <epsilon = 1.0E-6, patch = [1, 2, 2]> : f32[1, 4, 3, 5, 7]");
    give("n", "f32", "1, 4, 3, 5, 7");
  }

  /** A loop with guards whose decisions no rounding changes, what they measure, and the update of its latents. */
  private void loop(String kind, double tolerance) {
    begin(
        "loop_" + kind,
        tolerance,
        "%z: f32[1, 2, 3, 8], %guidance: f32[1], %height: f32[1], %width: f32[1], %num_frames: f32[1]",
        "f32[1, 2, 3, 8]",
        "output");
    line(
        "%%grid = sampler.time_grid(%%height, %%width, %%num_frames) <train_steps = 1000, transform = true> : f32[N, 1]");
    line("%%slot = cache.slot : %s[2, 2, 3, 8]", kind);
    line("%%seen = cache.slot : %s[2, 2, 3, 8]", kind);
    line("%%kept = cache.slot : %s[2, 2, 3, 8]", kind);
    line("%%before = cache.slot : %s[2, 2, 3, 8]", kind);
    line("%%held = cache.slot : %s[2, 2, 3, 8]", kind);
    line("%%added = cache.slot : %s[2, 2, 3, 8]", kind);
    line("%%r = step.loop(%%grid, %%z) : f32[1, 2, 3, 8] {|%%i: i32[], %%c: f32[1, 2, 3, 8]|");
    line("%%both = tensor.repeat(%%c) <times = 2> : f32[2, 2, 3, 8]");
    take("both", kind, "2, 2, 3, 8");
    String guard =
        "metric = #metric<gap = actual, motion = ratio, motion_mean = 0.5, noise_floor = 0.01, norm = l1_rel>,"
            + " from = 0.0, until = 1.0, tail = 0, warmup = 1";
    line(
        "%%y = cache.guard(%%i, %%both_in, %%slot) <name = \"first\", policy = #codebook<bounds = [1000000.0], intervals = [2, 2], %s>> : %s[2, 2, 3, 8] {",
        guard, kind);
    line("%%a = nn.silu(%%both_in) : %s[2, 2, 3, 8]", kind);
    line("%%more = math.add(%%both_in, %%a) : %s[2, 2, 3, 8]", kind);
    line("%%sums = cache.probe(%%more, %%both_in, %%seen) <guard = \"first\"> : f32[12, 4]");
    line("step.yield(%%more)");
    line("}");
    line(
        "%%like = prune.probe(%%y, %%both_in, %%held) <kind = \"mlp 0\", layer = 0, measure = similarity> : f32[12, 5]");
    line("%%moves = cache.probe(%%y, %%before) <guard = \"second\"> : f32[12, 4]");
    line(
        "%%o = cache.guard(%%i, %%y, %%kept) <name = \"second\", policy = #accumulate<threshold = 1000000.0, rescale = [2.0, 1.0, 0.0], metric = #metric<gap = actual, motion = off, motion_mean = 1.0, noise_floor = 0.0, norm = l1_rel>, from = 0.0, until = 1.0, tail = 1, warmup = 1>> : %s[2, 2, 3, 8] {",
        kind);
    line("%%a2 = nn.silu(%%y) : %s[2, 2, 3, 8]", kind);
    line("%%more2 = math.add(%%y, %%a2) : %s[2, 2, 3, 8]", kind);
    line("step.yield(%%more2)");
    line("}");
    line("%%dt = sampler.step_size(%%grid, %%i) <train_steps = 1000> : f32[1]");
    line("%%next = fused.guided_step(%%o, %%c, %%guidance, %%dt) : f32[1, 2, 3, 8]");
    line("step.yield(%%next)");
    line("}");
    give("f32", new String[][] {{"r", "1, 2, 3, 8"}});
  }

  /**
   * A guard that decides by what a product with a probe measures. What the product adds doubles from step to step, whatever
   * is rounded, so that the change between two computed steps is 1: the next two steps are reused then, and computed when
   * it is not, which the sum of all results shows.
   */
  private void probed(int weightBits, int k, int n) {
    boolean halves = weightBits == 16;
    String x = "2, 3, %s, %d".formatted(PLACES, k);
    String y = "2, 3, %s, %d".formatted(PLACES, n);
    begin(
        "probed_w%d_k%d_n%d".formatted(weightBits, k, n),
        HALF_ATTENTION,
        "%z: f32[" + x + "], %base: f32[" + y
            + "], %height: f32[1], %width: f32[1], %num_frames: f32[1]",
        "f32[" + x + "], f32[" + y + "]",
        "doubled",
        "output");
    take("base", "bf16", y);
    if (halves) {
      define("w_bf16_%d_%d".formatted(n, k), "bf16", n + ", " + k);
      line("%%w = weight.get <weight = @w_bf16_%d_%d> : bf16[%d, %d]", n, k, n, k);
    } else {
      byteWeight(weightBits, k, n, k);
    }
    line(
        "%%grid = sampler.time_grid(%%height, %%width, %%num_frames) <train_steps = 1000, transform = true> : f32[N, 1]");
    line("%%kept = cache.slot : bf16[%s]", y);
    line("%%held = cache.slot : bf16[%s]", y);
    line(
        "%%r, %%all = step.loop(%%grid, %%z, %%base) : f32[%s], f32[%s] {|%%i: i32[], %%c: f32[%s], %%sum: f32[%s]|",
        x, y, x, y);
    take("c", "bf16", x);
    line(
        "%%g = cache.guard(%%i, %%base_in, %%kept) <name = \"probed\", policy = #codebook<bounds = [0.98, 1.02], intervals = [1, 3, 1], metric = #metric<gap = actual, motion = off, motion_mean = 1.0, noise_floor = 0.0, norm = l1_rel>, from = 0.0, until = 1.0, tail = 0, warmup = 2>> : bf16[%s] {",
        y);
    if (halves) {
      line("%%m = fused.linear(%%c_in, %%w, %%base_in) <epilogue = [residual]> : bf16[%s]", y);
    } else {
      line("%%v, %%range = quant.rows(%%c_in) <bits = 8, granularity = token, prologue = []>");
      line(
          "%%m = quant.linear(%%v, %%range, %%w, %%s, %%o, %%base_in) <epilogue = [residual]> : bf16[%s]",
          y);
    }
    line("%%sums = cache.probe(%%m, %%base_in, %%held) <guard = \"probed\"> : f32[138, 4]");
    line("step.yield(%%m)");
    line("}");
    line("%%more = math.add(%%c, %%c) : f32[%s]", x);
    line("%%next = tensor.cast(%%g) : f32[%s]", y);
    line("%%total = math.add(%%sum, %%next) : f32[%s]", y);
    line("step.yield(%%more, %%total)");
    line("}");
    give("f32", new String[][] {{"r", x}, {"all", y}});
  }

  private void define(String name, String kind, String sizes) {
    weights.removeIf(w -> w.startsWith("  weight.def @" + name + " "));
    weights.add(
        "  weight.def @%s <key = \"%s\", type = %s[%s]>\n".formatted(name, name, kind, sizes));
  }

  private void begin(
      String name, double tolerance, String parameters, String results, String... names) {
    programs.add(new Program(name, tolerance));
    List<String> quoted = new ArrayList<>();
    for (String result : names.length == 0 ? new String[] {"result"} : names) {
      quoted.add('"' + result + '"');
    }
    functions.append("\n  func @%s(%s) -> (%s) <results = [%s]> {\n"
        .formatted(name, parameters, results, String.join(", ", quoted)));
  }

  /** A parameter as values of a kind. */
  private void take(String name, String kind, String sizes) {
    String op = kind.equals("f32") ? "tensor.reshape" : "tensor.cast";
    line("%%%s_in = %s(%%%s) : %s[%s]", name, op, name, kind, sizes);
  }

  private void give(String value, String kind, String sizes) {
    give(kind, new String[][] {{value, sizes}});
  }

  private void give(String kind, String[][] results) {
    List<String> out = new ArrayList<>();
    for (String[] result : results) {
      if (kind.equals("f32")) {
        out.add("%" + result[0]);
      } else {
        line("%%%s_out = tensor.cast(%%%s) : f32[%s]", result[0], result[0], result[1]);
        out.add("%" + result[0] + "_out");
      }
    }
    line("func.return(%s)", String.join(", ", out));
    functions.append("  }\n");
  }

  private void line(String format, Object... values) {
    functions.append("    ").append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
