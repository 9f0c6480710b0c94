package org.quantcache.tools.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.tools.layers.LayerInputs;
import org.quantcache.tools.layers.PrecisionRuns;
import org.quantcache.tools.layers.PrecisionSearch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc debug precision}. */
@Command(
    name = "precision",
    mixinStandardHelpOptions = true,
    description = {
      "Find few layers that must get more bits so that whole runs stay near those of the lossless build.",
      "Each trial compiles the model and runs some steps with everything computed."
    })
final class PrecisionCommand extends Verb {
  private static final String USUAL_PASSES = "@none,aigq{weights=4}";

  @Parameters(
      paramLabel = "MODEL_DIR",
      description = "Folder with config.json and model.safetensors.")
  private Path model;

  @Option(
      names = "--target-db",
      paramLabel = "DB",
      description = "Least signal to noise of the latent, in dB.")
  private Double decibels;

  @Option(
      names = "--max-error",
      paramLabel = "E",
      description = "Largest relative L2 of the latent, instead of --target-db.")
  private Double mostError;

  @Option(
      names = "--widen",
      defaultValue = "float",
      paramLabel = "WIDTH",
      description = "What those layers get: 6, 8 or float (default: they stay floats).")
  private String width;

  @Option(
      names = "--steps",
      defaultValue = "4",
      description = "Sampling steps of a trial (default ${DEFAULT-VALUE}).")
  private int steps;

  @Option(names = "--json", paramLabel = "FILE", description = "Write trials and result as JSON.")
  private Path json;

  @Mixin
  private TextAndNoiseOptions read;

  @Mixin
  private TargetOption target;

  @Mixin
  private ThreadsOption threads;

  @Mixin
  private PipelineOptions pipeline;

  private int trials;

  @Override
  void execute() {
    if (json != null) {
      requireWritable(json);
    }
    double bound = bound();
    PrecisionRuns.Setting setting = new PrecisionRuns.Setting(
        model,
        target.device(this),
        pipeline.calibration(model),
        new LayerInputs(Map.of(), read.prompts(), read.seed(), steps),
        threads.count());
    PrecisionRuns runs =
        new PrecisionRuns(setting, pipeline.isChosen() ? pipeline.text() : USUAL_PASSES, width);
    say("measuring the layers");
    List<String> ranked = runs.ranked(progress("step"));
    out().printf("%5s %6s %12s %9s%n", "trial", "layers", "relative L2", "SQNR dB");
    PrecisionSearch.Result found =
        PrecisionSearch.search(ranked, bound, runs, trial -> print(trial, ranked.size()));
    print(found, runs, ranked.size());
    if (json != null) {
      String text = json(report(found, runs, bound)) + "\n";
      AtomicFile.write(json, text.getBytes(StandardCharsets.UTF_8));
      say("wrote %s", json);
    }
  }

  private double bound() {
    boolean legal = steps >= 1 && steps <= 1000 && List.of("6", "8", "float").contains(width);
    if (!legal) {
      throw UserError.of("CL0746", "%d steps, --widen %s", steps, width)
          .withHint("expected 1..1000 steps, and 6, 8 or float");
    }
    boolean both = (decibels == null) == (mostError == null);
    double bound = both ? 0 : decibels != null ? Math.pow(10, -decibels / 20) : mostError;
    if (both || !(bound > 0) || Double.isInfinite(bound)) {
      throw UserError.of("CL0746", "the target is to be one number")
          .withHint("give --target-db DB, such as 40, or --max-error E, such as 0.01");
    }
    return bound;
  }

  private void print(PrecisionSearch.Trial trial, int of) {
    out()
        .printf(
            Locale.ROOT,
            "%5d %6s %12.3e %9.2f %s%n",
            ++trials,
            trial.widened().size() + "/" + of,
            trial.error(),
            trial.sqnrDb(),
            trial.reaches() ? "reaches it" : "");
    out().flush();
  }

  private void print(PrecisionSearch.Result found, PrecisionRuns runs, int of) {
    PrecisionSearch.Trial best = found.found();
    out()
        .printf(
            Locale.ROOT,
            "%n%d of %d layers need %s: relative L2 %.3e, SQNR %.2f dB%n",
            best.widened().size(),
            of,
            width.equals("float") ? "floats" : width + " bits",
            best.error(),
            best.sqnrDb());
    best.widened().forEach(layer -> out().println("  " + layer));
    out().println("passes: " + runs.text(best.widened()));
    out().flush();
  }

  private Map<String, Object> report(
      PrecisionSearch.Result found, PrecisionRuns runs, double bound) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("model", model.toString());
    out.put("max_error", bound);
    out.put("widen", width);
    out.put("steps", steps);
    out.put("trials", found.trials().stream().map(PrecisionCommand::report).toList());
    out.put("layers", found.found().widened());
    out.put("relative_l2", found.found().error());
    out.put("passes", runs.text(found.found().widened()));
    return out;
  }

  private static Map<String, Object> report(PrecisionSearch.Trial trial) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("layers", trial.widened());
    out.put("relative_l2", trial.error());
    out.put("reaches", trial.reaches());
    return out;
  }
}
