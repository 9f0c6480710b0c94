package org.quantcache.tools.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.quantcache.codegen.bench.GemmBenchmark;
import org.quantcache.codegen.bench.RowBenchmark;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.tools.bench.AblationBenchmark;
import org.quantcache.tools.bench.AblationPlot;
import org.quantcache.tools.bench.AblationRow;
import org.quantcache.tools.bench.StepBenchmark;
import org.quantcache.tools.gpu.CheckFiles;
import org.quantcache.tools.gpu.CudaBenchRun;
import org.quantcache.tools.sample.Samples;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measure against others in one run: medians of runs that take turns.",
      "gemm: matrix products of floats and of bytes against OpenBLAS; its threads are set by OPENBLAS_NUM_THREADS"
          + " before the start.",
      "quantize: rounding of rows against a copy that reads and writes as much.",
      "step: one network step of the sample model against ONNX Runtime.",
      "cuda: kernels on a card at the sizes of XL/2, as shares of what the card can do at most.",
      "sampling: whole sampling loops of a synthetic XL/2 on a card, in PyTorch and in builds of ours; a run that was"
          + " stopped goes on where it was.",
      "ablation: what each optimization and each rival gains and costs over whole videos of the sample model."
    })
final class BenchCommand extends Verb {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Object>> ROW = new TypeReference<>() {};
  private static final int ROUNDS = 31;
  private static final int STEPS = 100;

  /** What can be measured. */
  enum What {
    GEMM,
    QUANTIZE,
    STEP,
    CUDA,
    SAMPLING,
    ABLATION
  }

  @Parameters(paramLabel = "WHAT", description = "${COMPLETION-CANDIDATES}")
  private What what;

  @Option(names = "--rounds", description = "Turns that count (default 31; sampling: 3).")
  private Integer rounds;

  @Option(
      names = "--storage",
      defaultValue = "f32",
      description = "gemm: how weights are stored: f32, f16, bf16.")
  private WeightStorage storage;

  @Option(
      names = "--steps",
      split = ",",
      description =
          "ablation: sampling steps (default 100); sampling: of the loops (default 30,100).")
  private List<Integer> steps = new ArrayList<>();

  @Option(
      names = "--cases",
      defaultValue = "12",
      description = "ablation: videos, each of another prompt and seed (default ${DEFAULT-VALUE}).")
  private int cases;

  @Option(
      names = "--only",
      split = ",",
      description =
          "ablation: names or groups of variants; sampling: names of builds (default: all).")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--variant",
      paramLabel = "NAME=PASSES",
      description = "ablation: one more variant, by its pipeline; may be given several times.")
  private Map<String, String> variants = new LinkedHashMap<>();

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "ablation: also draw speed-up against PSNR (.png).")
  private Path plot;

  @Option(
      names = "--cpu",
      defaultValue = "host",
      description = "gemm, quantize: processor to generate code for (default ${DEFAULT-VALUE}).")
  private String cpu;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the rows as JSON.")
  private Path json;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "cuda, sampling: also write the table, and what it was measured on.")
  private Path markdown;

  @Mixin
  private CardOptions card;

  @Mixin
  private SamplingOptions sampling;

  @Mixin
  private ThreadsOption threads;

  @Override
  void execute() {
    if (json != null) {
      requireWritable(json);
    }
    if (plot != null) {
      requireWritable(plot);
    }
    if (what == What.CUDA || what == What.SAMPLING) {
      onCard();
      return;
    }
    List<Map<String, Object>> rows = switch (what) {
      case GEMM -> gemm();
      case QUANTIZE -> quantize();
      case STEP -> step();
      case CUDA, SAMPLING -> throw new IllegalStateException("has its own table");
      case ABLATION -> ablation();
    };
    markdown(rows);
    write(rows);
  }

  private void write(Object rows) {
    if (json != null) {
      try {
        AtomicFile.write(json, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(rows));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("rows are writable as JSON", e);
      }
    }
  }

  /** Without a card there is nothing to measure, which is no failure. */
  private void onCard() {
    if (markdown != null) {
      requireWritable(markdown);
    }
    Optional<String> missing = card.missing();
    if (missing.isPresent()) {
      out().println(missing.get());
      return;
    }
    if (what == What.SAMPLING) {
      sampling.run(this, card, new SamplingOptions.Given(rounds, steps, only, json, markdown));
    } else {
      cuda();
    }
  }

  private int rounds() {
    int count = rounds == null ? ROUNDS : rounds;
    if (count < 1) {
      throw UserError.of("CL0607", "--rounds is %d, expected 1 or more", count);
    }
    return count;
  }

  private void cuda() {
    try (CheckFiles files = card.files()) {
      card.target().ifPresent(cards -> files.writeBench(cards, buildProgress()));
      CudaBenchRun run = CudaBenchRun.of(
          files,
          rounds(),
          "qcc bench cuda --rounds " + rounds() + card.text(),
          line -> say("measured %s", line));
      out().print(run.markdown());
      out().flush();
      write(run.facts());
      if (markdown != null) {
        AtomicFile.write(markdown, run.markdown().getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private List<Map<String, Object>> gemm() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (GemmBenchmark.Shape shape : GemmBenchmark.SHAPES) {
      say("measuring %s", shape);
      GemmBenchmark.Row row =
          GemmBenchmark.run(shape, storage, target(), threads.count(), rounds());
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("M", shape.rows());
      out.put("K", shape.depth());
      out.put("N", shape.columns());
      out.put("threads", row.threads());
      out.put("gflops", rounded(row.ours()));
      out.put("openblas_gflops", rounded(row.openBlas()));
      out.put("ratio", rounded(row.ratio()));
      for (GemmBenchmark.ByteRow bytes : row.bytes()) {
        out.put(bytes.name() + "_gops", rounded(bytes.ours()));
        out.put(bytes.name() + "_speedup", rounded(bytes.ours() / row.ours()));
      }
      rows.add(out);
    }
    return rows;
  }

  private List<Map<String, Object>> quantize() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (RowBenchmark.Shape shape : RowBenchmark.SHAPES) {
      say("measuring %s", shape);
      for (RowBenchmark.Row row : RowBenchmark.run(shape, target(), threads.count(), rounds())) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("M", shape.rows());
        out.put("K", shape.channels());
        out.put("threads", threads.count());
        out.put("kernel", row.name());
        out.put("gb_per_s", rounded(row.gigabytes()));
        out.put("copy_gb_per_s", rounded(row.copyGigabytes()));
        out.put("times_copy", rounded(row.timesCopy()));
        rows.add(out);
      }
    }
    return rows;
  }

  private CpuTarget target() {
    TvmNatives.load(NativeMode.COMPILER);
    return cpu.equals("host") ? CpuTarget.host() : CpuTarget.named(cpu);
  }

  private List<Map<String, Object>> step() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int count : new java.util.TreeSet<>(List.of(1, threads.count()))) {
      say("measuring with %d threads", count);
      StepBenchmark.Row row = StepBenchmark.run(Samples.sprites(), count, rounds());
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("threads", row.threads());
      out.put("ms", rounded(row.millis()));
      out.put("onnxruntime_ms", rounded(row.onnxMillis()));
      out.put("ratio", rounded(row.ratio()));
      out.put("relative_l2", row.difference());
      out.put("onnxruntime_relative_l2", row.onnxDifference());
      rows.add(out);
    }
    return rows;
  }

  private List<Map<String, Object>> ablation() {
    int loop = steps.isEmpty() ? STEPS : steps.get(0);
    if (cases < 1 || loop < 2 || steps.size() > 1) {
      throw UserError.of(
          "CL0607", "--cases is %d and --steps %s, expected 1 or more and 2 or more", cases, steps);
    }
    List<AblationRow> rows = AblationBenchmark.run(
        Samples.sprites(), only, variants, loop, cases, threads.count(), line -> say("%s", line));
    if (plot != null) {
      AblationPlot.write(plot, rows);
      say("wrote %s", plot);
    }
    return rows.stream().map(row -> JSON.convertValue(row, ROW)).toList();
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private void markdown(List<Map<String, Object>> rows) {
    out().println("| " + String.join(" | ", rows.get(0).keySet()) + " |");
    out().println("|" + " --- |".repeat(rows.get(0).size()));
    for (Map<String, Object> row : rows) {
      StringBuilder line = new StringBuilder("|");
      row.values()
          .forEach(v -> line.append(' ')
              .append(
                  v instanceof Double d && d != 0 && Math.abs(d) < 1e-3
                      ? String.format(Locale.ROOT, "%.1e", d)
                      : v)
              .append(" |"));
      out().println(line);
    }
  }
}
