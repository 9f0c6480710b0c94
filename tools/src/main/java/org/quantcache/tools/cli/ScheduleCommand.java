package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.MeasuredPruning;
import org.quantcache.passes.calibration.MeasuredTarget;
import org.quantcache.passes.calibration.Reached;
import org.quantcache.passes.calibration.Target;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.calibrate.PlannedDecisions;
import org.quantcache.tools.calibrate.PruneRefiner;
import org.quantcache.tools.calibrate.Settings;
import org.quantcache.tools.calibrate.TargetRuns;
import org.quantcache.tools.calibrate.TargetSearch;
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
      "The text goes into a pipeline, hlc{plan=...}; a trace into 'run --decisions replay=FILE';",
      "a target that was kept into --preset, such as psnr-40 or speedup-10."
    })
final class ScheduleCommand extends Verb {
  @Parameters(paramLabel = "CALIBRATION", description = "What 'qcc calibrate' wrote.")
  private Path file;

  @ArgGroup(multiplicity = "1")
  private GoalOptions goal;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = {
        "Write the plan as a trace to replay; for a target, the calibration with what was found,",
        "which may be CALIBRATION itself."
      })
  private Path output;

  @Option(
      names = "--passes",
      paramLabel = "PIPELINE",
      defaultValue = "@none",
      description =
          "For a target or --refine: pipeline in front of the guard, such as @none,aigq (default ${DEFAULT-VALUE}).")
  private String passes;

  @Mixin
  private ReuseOption reuse;

  @Mixin
  private SearchOptions search;

  @Mixin
  private RefineOptions refine;

  @Mixin
  private ThreadsOption threads;

  @Override
  void execute() {
    Optional<Target> target = goal.target();
    boolean fits = target.isPresent() ? search.model() != null && !refine.given() : !search.given();
    if (!fits) {
      throw UserError.of("CL0608", "these options do not go together")
          .withHint(
              "--psnr and --speedup need --model and take --passes and --codebook; --computed takes --refine and --passes");
    }
    if (output != null) {
      requireWritable(output);
    }
    if (target.isPresent()) {
      reach(target.get());
    } else {
      plan(goal.counts());
    }
  }

  /** Finds the setting that just reaches a target, and keeps it where it is asked to. */
  private void reach(Target target) {
    Calibration calibration = CalibrationFile.read(file);
    Settings settings = search.settings(calibration, passes, reuse.linear());
    // A pipeline that cannot be is refused before anything is compiled.
    AllPasses.parse(settings.passes().apply(settings.last()), Optional.of(calibration));
    try (TargetRuns runs =
        new TargetRuns(search.model(), calibration, threads.count(), line -> say("%s", line))) {
      Reached reached = TargetSearch.find(target, settings, runs::measure);
      out().println(reached.passes());
      out().println(reached.text());
      if (output != null) {
        CalibrationFile.write(
            output, calibration.with(new MeasuredTarget(target, passes, reached)));
        say("wrote %s, for --calibration %s --preset %s", output, output, target.name());
      }
    }
  }

  /** Lists plans, made better before where that is asked for. */
  private void plan(List<Integer> counts) {
    if (output != null && counts.size() != 1) {
      throw UserError.of("CL0605", "-o takes one plan, --computed asks for %d", counts.size());
    }
    refine.check();
    Calibration calibration = CalibrationFile.read(file);
    if (refine.given()) {
      calibration = refined(calibration, counts);
    }
    new PlanTable(calibration, reuse.linear()).print(out(), counts);
    if (output != null) {
      List<Integer> computed = calibration.computedSteps(counts.get(0), reuse.linear());
      TraceFile.write(output, PlannedDecisions.of(calibration.trajectory().steps(), computed));
      say("wrote %s", output);
    }
  }

  private Calibration refined(Calibration calibration, List<Integer> counts) {
    Refinement refinement = new Refinement(
        file, refine, passes, reuse.linear(), threads.count(), line -> say("%s", line));
    Calibration out = refine.prunes()
        ? refinement.pruned(calibration, counts, this::print)
        : refinement.moved(calibration, counts);
    say("wrote %s", file);
    return out;
  }

  private void print(MeasuredPruning chosen) {
    out()
        .printf(
            Locale.ROOT,
            "hlc{plan=%d,reuse=linear,reach=1000},srap{plan=%d,%s} leaves out %d visits of branches at a loss of %.2f dB%n",
            chosen.computed(),
            chosen.computed(),
            PruneRefiner.BYPASS,
            chosen.pruned(),
            chosen.lossDb());
  }
}
