package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.MeasuredPlan;
import org.quantcache.passes.calibration.MeasuredPruning;
import org.quantcache.passes.calibration.Planner;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.calibrate.OwnPrompts;
import org.quantcache.tools.calibrate.PlanRefiner;
import org.quantcache.tools.calibrate.PlannedDecisions;
import org.quantcache.tools.calibrate.PruneRefiner;
import org.quantcache.tools.calibrate.Reached;
import org.quantcache.tools.calibrate.Settings;
import org.quantcache.tools.calibrate.Target;
import org.quantcache.tools.calibrate.TargetRuns;
import org.quantcache.tools.calibrate.TargetSearch;
import org.quantcache.tools.sample.SampleModel;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc schedule}. */
@Command(
    name = "schedule",
    mixinStandardHelpOptions = true,
    description = {
      "Choose the computed steps of a loop under a budget, from calibrated errors,",
      "or the setting that just reaches a quality or a speed, in whole runs of the cases.",
      "The text goes into a pipeline, hlc{plan=...}; the file into 'run --decisions replay=FILE'."
    })
final class ScheduleCommand extends Verb {
  /** Calibrations begin with the first prompts of a model, and the ablation judges by those that follow. */
  private static final int FIRST_FURTHER = 20;

  private static final int MOST_FURTHER = 1000;

  /** What a step that is not computed adds. */
  enum Reuse {
    HOLD,
    LINEAR
  }

  @Parameters(paramLabel = "CALIBRATION", description = "What 'qcc calibrate' wrote.")
  private Path file;

  /** What is asked for. */
  static final class Wanted {
    @Option(
        names = "--computed",
        split = ",",
        description = "How many steps are computed; several numbers are compared.")
    private List<Integer> counts;

    @Option(
        names = "--psnr",
        paramLabel = "DB",
        description = "The fastest setting of so much quality against the lossless build.")
    private Double psnr;

    @Option(
        names = "--speedup",
        paramLabel = "TIMES",
        description = "The best setting that is so many times as fast as the lossless build.")
    private Double speedup;

    private Optional<Target> target() {
      return psnr != null
          ? Optional.of(new Target(Target.Measure.PSNR, psnr))
          : Optional.ofNullable(speedup).map(s -> new Target(Target.Measure.SPEEDUP, s));
    }
  }

  @ArgGroup(multiplicity = "1")
  private Wanted wanted;

  @Option(
      names = "--model",
      paramLabel = "MODEL_DIR",
      description = "For a target: the model that settings are tried out with.")
  private Path model;

  @Option(
      names = "--codebook",
      paramLabel = "TEXT",
      description = {
        "For a target: scale the bounds of this codebook, such as 0.05:8/0.1:4/2,",
        "instead of choosing a number of planned steps."
      })
  private String codebook;

  @Option(
      names = "--reuse",
      defaultValue = "linear",
      description = "What other steps add: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private Reuse reuse;

  @Option(names = "-o", paramLabel = "FILE", description = "Write the plan as a trace to replay.")
  private Path output;

  @Option(
      names = "--refine",
      paramLabel = "MODEL_DIR",
      description = {
        "Move the computed steps as long as whole runs of the calibrated cases get better,",
        "and keep the plan in the calibration: hlc{plan=N} takes it from there."
      })
  private Path refined;

  @Option(
      names = "--prune",
      paramLabel = "VISITS",
      description = {
        "With --refine: find out how many layers can be left out of computed steps at the least loss, so many times",
        "in all, and keep them in the calibration: srap{plan=N} takes them from there."
      })
  private Integer pruned;

  @Option(
      names = "--prune-layers",
      paramLabel = "COUNT",
      description =
          "With --prune: take the visits from so many layers at most, since each keeps a value (default: any).")
  private Integer prunedLayers;

  @Option(
      names = "--passes",
      paramLabel = "PIPELINE",
      defaultValue = "@none",
      description =
          "For a target or --refine: pipeline in front of the guard, such as @none,aigq (default ${DEFAULT-VALUE}).")
  private String passes;

  @Option(
      names = "--further-cases",
      paramLabel = "COUNT",
      defaultValue = "0",
      description =
          "With --refine: try plans out on so many more prompts than those of the calibration (default ${DEFAULT-VALUE}).")
  private int further;

  @Mixin
  private ThreadsOption threads;

  @Override
  void execute() {
    Optional<Target> target = wanted.target();
    boolean forTarget = model != null || codebook != null;
    boolean forPlans = output != null || refined != null || pruned != null || prunedLayers != null;
    if (target.isPresent() ? model == null || forPlans : forTarget) {
      throw UserError.of("CL0608", "these options do not go together")
          .withHint(
              "--psnr and --speedup need --model and take --passes and --codebook; --computed takes -o, --refine and --passes");
    }
    if (target.isPresent()) {
      reach(target.get());
    } else {
      plan(wanted.counts);
    }
  }

  /** Finds the setting that just reaches a target. */
  private void reach(Target target) {
    Calibration calibration = CalibrationFile.read(file);
    boolean linear = reuse == Reuse.LINEAR;
    Settings settings = codebook == null
        ? Settings.plans(calibration, passes, linear)
        : Settings.codebooks(codebook, passes, linear);
    // A pipeline that cannot be is refused before anything is compiled.
    AllPasses.parse(settings.passes().apply(settings.last()), Optional.of(calibration));
    try (TargetRuns runs =
        new TargetRuns(model, calibration, threads.count(), line -> say("%s", line))) {
      Reached reached = TargetSearch.find(target, settings, runs::measure);
      out().println(reached.passes());
      out().println(reached.text());
    }
  }

  private void plan(List<Integer> counts) {
    if (output != null) {
      requireWritable(output);
      if (counts.size() != 1) {
        throw UserError.of("CL0605", "-o takes one plan, --computed asks for %d", counts.size());
      }
    }
    boolean nothing = pruned != null && (pruned < 1 || refined == null);
    if (nothing || (prunedLayers != null && (prunedLayers < 1 || pruned == null))) {
      throw UserError.of(
              "CL0608",
              "--prune is %s and --prune-layers %s, expected 1 or more, with --refine MODEL_DIR",
              pruned,
              prunedLayers)
          .withHint("layers are left out in whole runs of the model");
    }
    Calibration calibration = CalibrationFile.read(file);
    if (pruned != null) {
      calibration = prune(calibration, counts);
    } else if (refined != null) {
      calibration = refine(calibration, counts);
    }
    int steps = calibration.trajectory().steps();
    boolean linear = reuse == Reuse.LINEAR;
    out().printf("%8s %14s %9s  %s%n", "computed", "expected error", "measured", "plan");
    for (int count : counts) {
      Planner.Plan expected = Planner.plan(calibration.trajectory(), count, linear);
      Optional<MeasuredPlan> measured = calibration.measured(count, linear);
      out()
          .printf(
              Locale.ROOT,
              "%8d %14s %9s  %d:%s%n",
              count,
              measured.isPresent() ? "-" : String.format(Locale.ROOT, "%.4g", expected.error()),
              measured
                  .map(m -> String.format(Locale.ROOT, "%.2f dB", m.qualityDb()))
                  .orElse("-"),
              steps,
              calibration.computedSteps(count, linear).stream()
                  .map(String::valueOf)
                  .collect(Collectors.joining("/")));
    }
    if (output != null) {
      List<Integer> computed = calibration.computedSteps(counts.get(0), linear);
      TraceFile.write(output, PlannedDecisions.of(steps, computed));
      say("wrote %s", output);
    }
  }

  /** Leaves layers out of plans; the calibration has each choice as soon as it is made. */
  private Calibration prune(Calibration calibration, List<Integer> counts) {
    Calibration out = calibration;
    for (int count : counts) {
      try (PruneRefiner refiner = new PruneRefiner(
          refined,
          calibration,
          cases(calibration),
          passes,
          count,
          threads.count(),
          line -> say("%s", line))) {
        MeasuredPruning chosen = refiner.choose(
            pruned,
            prunedLayers == null ? Integer.MAX_VALUE : prunedLayers,
            line -> say("%s", line));
        out = out.with(chosen);
        CalibrationFile.write(file, out);
        out()
            .printf(
                Locale.ROOT,
                "hlc{plan=%d,reuse=linear,reach=1000},srap{plan=%d,%s} leaves out %d visits of layers at a loss of %.2f dB%n",
                count,
                count,
                PruneRefiner.BYPASS,
                chosen.pruned(),
                chosen.lossDb());
      }
    }
    say("wrote %s", file);
    return out;
  }

  private List<Case> cases(Calibration calibration) {
    if (further < 0 || further > MOST_FURTHER) {
      throw UserError.of("CL0611", "--further-cases is %d, expected 0..%d", further, MOST_FURTHER);
    }
    List<Case> out = new ArrayList<>(calibration.cases());
    if (further > 0) {
      long seed = out.stream().mapToLong(Case::seed).max().orElse(0) + 1;
      out.addAll(OwnPrompts.cases(SampleModel.of(refined), FIRST_FURTHER, further, seed));
    }
    return out;
  }

  /** Tries plans out; the calibration has each as soon as it is done. */
  private Calibration refine(Calibration calibration, List<Integer> counts) {
    Calibration out = calibration;
    boolean linear = reuse == Reuse.LINEAR;
    try (PlanRefiner refiner = new PlanRefiner(
        refined,
        calibration,
        cases(calibration),
        passes,
        linear,
        threads.count(),
        line -> say("%s", line))) {
      for (int count : counts) {
        out = out.with(refiner.refine(count, line -> say("%s", line)));
        CalibrationFile.write(file, out);
      }
    }
    say("wrote %s", file);
    return out;
  }
}
