package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.report.Build;
import org.quantcache.tools.report.BuildTable;
import org.quantcache.tools.report.Comparison;
import org.quantcache.tools.report.ComparisonReport;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.Samples;
import org.quantcache.tools.sample.VideoOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qcc demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Compile the bundled model twice, generate the same video with both, show what the optimizations did.")
final class DemoCommand extends Verb {
  private static final String LOSSLESS = "lossless";
  private static final int TURNS = 3;

  @Option(
      names = "--prompt",
      defaultValue = "a red circle moving right fast",
      description = "What to show (default: '${DEFAULT-VALUE}').")
  private String prompt;

  @Option(
      names = "--seed",
      defaultValue = "2",
      description = "Seed of the noise (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--steps",
      defaultValue = "100",
      description = "Sampling steps (default ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--preset",
      defaultValue = "balanced",
      description = "What is compared with the lossless build (default ${DEFAULT-VALUE}).")
  private String preset;

  @Option(
      names = "-o",
      defaultValue = "demo.gif",
      description =
          "Both videos side by side: .gif or .png; a report is put beside it (default ${DEFAULT-VALUE}).")
  private Path output;

  @Mixin
  private TargetOption target;

  @Mixin
  private ThreadsOption threads;

  @Override
  void execute() {
    VideoOutput form = VideoOutput.of(output);
    if (form == VideoOutput.SAFETENSORS) {
      throw UserError.of("CL0305", "'%s' holds no pictures", output)
          .withHint("use a name that ends in .gif or .png");
    }
    Path page = page();
    requireWritable(output);
    requireWritable(page);
    Path folder = Samples.sprites();
    SampleModel sample = SampleModel.of(folder);
    // An unknown word is refused before the long work.
    sample.text().orElseThrow().encode(List.of(prompt));
    Map<String, String> ways = new LinkedHashMap<>();
    ways.put(LOSSLESS, AllPasses.preset("none"));
    ways.put(preset, AllPasses.preset(preset));
    Case shown = new Case(prompt, seed);
    CompileTarget device = target.device(this);
    try (Comparison comparison =
        Comparison.of(folder, ways, device, steps, threads.count(), listener())) {
      List<Build> builds = comparison.run(shown, device.equals(CompileTarget.CPU) ? TURNS : 1);
      form.write(
          output,
          builds.stream().map(build -> build.video().latents()).toList(),
          sample.video().orElseThrow());
      ComparisonReport.write(
          page,
          shown,
          builds,
          command(),
          machine(),
          progress("drawing the passes of " + preset)::show);
      new BuildTable(builds).lines().forEach(out()::println);
    }
    say("wrote %s: %s and %s side by side", output, LOSSLESS, preset);
    say("wrote %s: what was decided and where the time goes", page);
  }

  private Path page() {
    String name = output.getFileName().toString();
    return output.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".html");
  }

  private Comparison.Listener listener() {
    return new Comparison.Listener() {
      @Override
      public BuildProgress compiling(String name) {
        say("compiling %s", name);
        return buildProgress();
      }

      @Override
      public StepObserver generating(String name) {
        return progress("generating " + name);
      }
    };
  }

  private String command() {
    return String.format(
        Locale.ROOT,
        "tools/qcc demo --prompt \"%s\" --seed %d --steps %d --preset %s --threads %d",
        prompt,
        seed,
        steps,
        preset,
        threads.count());
  }

  private String machine() {
    return String.format(
        Locale.ROOT,
        "%s, %d threads, %s %s",
        System.getProperty("os.arch"),
        threads.count(),
        System.getProperty("java.vm.name"),
        Runtime.version());
  }
}
