package org.quantcache.tools.gpu;

/** Loops with guards, probes and slots. */
final class LoopPrograms {
  private final ProgramText text;

  LoopPrograms(ProgramText text) {
    this.text = text;
  }

  /** A loop with guards whose decisions no rounding changes, what they measure, and the update of its latents. */
  void guarded(String kind, double tolerance) {
    text.begin(
        "loop_" + kind,
        tolerance,
        "%z: f32[1, 2, 3, 8], %guidance: f32[1], %height: f32[1], %width: f32[1], %num_frames: f32[1]",
        "f32[1, 2, 3, 8]",
        "output");
    text.line(
        "%%grid = sampler.time_grid(%%height, %%width, %%num_frames) <train_steps = 1000, transform = true> : f32[N, 1]");
    text.line("%%slot = cache.slot : %s[2, 2, 3, 8]", kind);
    text.line("%%seen = cache.slot : %s[2, 2, 3, 8]", kind);
    text.line("%%kept = cache.slot : %s[2, 2, 3, 8]", kind);
    text.line("%%before = cache.slot : %s[2, 2, 3, 8]", kind);
    text.line("%%held = cache.slot : %s[2, 2, 3, 8]", kind);
    text.line("%%added = cache.slot : %s[2, 2, 3, 8]", kind);
    text.line("%%r = step.loop(%%grid, %%z) : f32[1, 2, 3, 8] {|%%i: i32[], %%c: f32[1, 2, 3, 8]|");
    text.line("%%both = tensor.repeat(%%c) <times = 2> : f32[2, 2, 3, 8]");
    text.take("both", kind, "2, 2, 3, 8");
    String guard =
        "metric = #metric<gap = actual, motion = ratio, motion_mean = 0.5, noise_floor = 0.01, norm = l1_rel>,"
            + " from = 0.0, until = 1.0, tail = 0, warmup = 1";
    text.line(
        "%%y = cache.guard(%%i, %%both_in, %%slot) <name = \"first\", policy = #codebook<bounds = [1000000.0], intervals = [2, 2], %s>> : %s[2, 2, 3, 8] {",
        guard, kind);
    text.line("%%a = nn.silu(%%both_in) : %s[2, 2, 3, 8]", kind);
    text.line("%%more = math.add(%%both_in, %%a) : %s[2, 2, 3, 8]", kind);
    text.line("%%sums = cache.probe(%%more, %%both_in, %%seen) <guard = \"first\"> : f32[12, 4]");
    text.line("step.yield(%%more)");
    text.line("}");
    text.line(
        "%%like = prune.probe(%%y, %%both_in, %%held) <kind = \"mlp 0\", layer = 0, measure = similarity> : f32[12, 5]");
    text.line("%%moves = cache.probe(%%y, %%before) <guard = \"second\"> : f32[12, 4]");
    text.line(
        "%%o = cache.guard(%%i, %%y, %%kept) <name = \"second\", policy = #accumulate<threshold = 1000000.0, rescale = [2.0, 1.0, 0.0], metric = #metric<gap = actual, motion = off, motion_mean = 1.0, noise_floor = 0.0, norm = l1_rel>, from = 0.0, until = 1.0, tail = 1, warmup = 1>> : %s[2, 2, 3, 8] {",
        kind);
    text.line("%%a2 = nn.silu(%%y) : %s[2, 2, 3, 8]", kind);
    text.line("%%more2 = math.add(%%y, %%a2) : %s[2, 2, 3, 8]", kind);
    text.line("step.yield(%%more2)");
    text.line("}");
    text.line("%%dt = sampler.step_size(%%grid, %%i) <train_steps = 1000> : f32[1]");
    text.line("%%next = fused.guided_step(%%o, %%c, %%guidance, %%dt) : f32[1, 2, 3, 8]");
    text.line("step.yield(%%next)");
    text.line("}");
    text.give("f32", new String[][] {{"r", "1, 2, 3, 8"}});
  }

  /**
   * A guard that decides by what a product with a probe measures. What the product adds doubles from step to step, whatever
   * is rounded, so that the change between two computed steps is 1: the next two steps are reused then, and computed when
   * it is not, which the sum of all results shows.
   */
  void probed(int weightBits, int k, int n) {
    boolean halves = weightBits == 16;
    String x = "2, 3, %s, %d".formatted(ProgramText.PLACES, k);
    String y = "2, 3, %s, %d".formatted(ProgramText.PLACES, n);
    text.begin(
        "probed_w%d_k%d_n%d".formatted(weightBits, k, n),
        Tolerances.HALF_ATTENTION,
        "%z: f32[" + x + "], %base: f32[" + y
            + "], %height: f32[1], %width: f32[1], %num_frames: f32[1]",
        "f32[" + x + "], f32[" + y + "]",
        "doubled",
        "output");
    text.take("base", "bf16", y);
    if (halves) {
      text.define("w_bf16_%d_%d".formatted(n, k), "bf16", n + ", " + k);
      text.line("%%w = weight.get <weight = @w_bf16_%d_%d> : bf16[%d, %d]", n, k, n, k);
    } else {
      text.byteWeight(weightBits, k, n, k);
    }
    text.line(
        "%%grid = sampler.time_grid(%%height, %%width, %%num_frames) <train_steps = 1000, transform = true> : f32[N, 1]");
    text.line("%%kept = cache.slot : bf16[%s]", y);
    text.line("%%held = cache.slot : bf16[%s]", y);
    text.line(
        "%%r, %%all = step.loop(%%grid, %%z, %%base) : f32[%s], f32[%s] {|%%i: i32[], %%c: f32[%s], %%sum: f32[%s]|",
        x, y, x, y);
    text.take("c", "bf16", x);
    text.line(
        "%%g = cache.guard(%%i, %%base_in, %%kept) <name = \"probed\", policy = #codebook<bounds = [0.98, 1.02], intervals = [1, 3, 1], metric = #metric<gap = actual, motion = off, motion_mean = 1.0, noise_floor = 0.0, norm = l1_rel>, from = 0.0, until = 1.0, tail = 0, warmup = 2>> : bf16[%s] {",
        y);
    if (halves) {
      text.line("%%m = fused.linear(%%c_in, %%w, %%base_in) <epilogue = [residual]> : bf16[%s]", y);
    } else {
      text.line("%%v, %%range = quant.rows(%%c_in) <bits = 8, granularity = token, prologue = []>");
      text.line(
          "%%m = quant.linear(%%v, %%range, %%w, %%s, %%o, %%base_in) <epilogue = [residual]> : bf16[%s]",
          y);
    }
    text.line("%%sums = cache.probe(%%m, %%base_in, %%held) <guard = \"probed\"> : f32[138, 4]");
    text.line("step.yield(%%m)");
    text.line("}");
    text.line("%%more = math.add(%%c, %%c) : f32[%s]", x);
    text.line("%%next = tensor.cast(%%g) : f32[%s]", y);
    text.line("%%total = math.add(%%sum, %%next) : f32[%s]", y);
    text.line("step.yield(%%more, %%total)");
    text.line("}");
    text.give("f32", new String[][] {{"r", x}, {"all", y}});
  }
}
