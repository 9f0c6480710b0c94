package org.quantcache.tools.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.quantcache.tools.cli.Qcc;

/** The page of a run of the sample model with everything that a page can show. */
final class SpritesReport {
  private static final String MODEL = "samples/sprites";

  private SpritesReport() {}

  /** Compiles, runs and reports. */
  static Path write(Path folder) {
    Path artifact = folder.resolve("sprites.qca");
    Path dump = folder.resolve("dump");
    Path trace = folder.resolve("trace.json");
    Path gif = folder.resolve("a.gif");
    Path other = folder.resolve("b.gif");
    Path page = folder.resolve("sprites.html");
    qcc("compile", MODEL, "--preset", "fast", "-o", artifact, "--dump-dir", dump);
    qcc(
        "run",
        artifact,
        "--prompt",
        "a red square moving right",
        "--steps",
        20,
        "--trace",
        trace,
        "-o",
        gif);
    qcc("run", artifact, "--prompt", "a red square moving right", "--steps", 30, "-o", other);
    qcc(
        "report",
        artifact,
        "--dump-dir",
        dump,
        "--trace",
        trace,
        "--layers",
        layers(folder),
        "--profile",
        profile(folder),
        "--timing",
        timing(folder),
        "--video",
        gif,
        "--video",
        other,
        "-o",
        page);
    return page;
  }

  /** Runs one command that must work. */
  static void qcc(Object... words) {
    StringWriter err = new StringWriter();
    String[] arguments = new String[words.length];
    for (int i = 0; i < words.length; i++) {
      arguments[i] = words[i].toString();
    }
    int exit = Qcc.run(new PrintWriter(new StringWriter()), new PrintWriter(err), arguments);
    assertThat(exit).as(err.toString()).isZero();
  }

  private static Path layers(Path folder) {
    return written(folder.resolve("layers.json"), """
        {"rows": [
          {"at": "spatial_blocks.2.attn.qkv", "step": 0, "op_a": "fused.linear", "op_b": "quant.linear",
           "elements": 10, "relative_l2": 0.0125, "max_error": 0.5, "sqnr_db": 38.06},
          {"at": "spatial_blocks.2.attn.qkv", "step": 1, "op_a": "fused.linear", "op_b": "quant.linear",
           "elements": 10, "relative_l2": 0.0375, "max_error": 0.75, "sqnr_db": 28.52},
          {"at": "t_block.1", "step": 1, "op_a": "fused.linear", "op_b": "fused.linear",
           "elements": 10, "relative_l2": "NaN", "max_error": "NaN", "sqnr_db": "NaN"}]}
        """);
  }

  private static Path profile(Path folder) {
    return written(folder.resolve("profile.json"), """
        {"device": "cpu", "steps": [{"step": 0, "microseconds": 900.0}, {"step": 1, "microseconds": 100.0}],
         "launches": [
          {"step": 0, "kernel": "gemm_a8_w8_cell8_k128_n384_bias", "at": "spatial_blocks.2.attn.qkv",
           "op": "quant.linear", "start_us": 0.0, "duration_us": 300.0},
          {"step": 1, "kernel": "gemm_a8_w8_cell8_k128_n384_bias", "at": "spatial_blocks.2.attn.qkv",
           "op": "quant.linear", "start_us": 0.0, "duration_us": 200.0},
          {"step": 0, "kernel": "silu_1x128__1x128", "at": "t_block.0",
           "op": "nn.silu", "start_us": 300.0, "duration_us": 40.0}]}
        """);
  }

  private static Path timing(Path folder) {
    return written(folder.resolve("timing.json"), """
        [{"number": 1, "pass": "fold", "ms": 31.5}, {"number": 4, "pass": "fuse", "ms": 12.25}]
        """);
  }

  private static Path written(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
