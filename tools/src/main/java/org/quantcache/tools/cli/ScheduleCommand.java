package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.MeasuredPlan;
import org.quantcache.passes.calibration.Planner;
import org.quantcache.tools.calibrate.PlanRefiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc schedule}. */
@Command(
    name = "schedule",
    mixinStandardHelpOptions = true,
    description = {
      "Choose the computed steps of a loop under a budget, from calibrated errors.",
      "The text goes into a pipeline, hlc{plan=...}; the file into 'run --decisions replay=FILE'."
    })
final class ScheduleCommand extends Verb {
  /** What a step that is not computed adds. */
  enum Reuse {
    HOLD,
    LINEAR
  }

  @Parameters(paramLabel = "CALIBRATION", description = "What 'qcc calibrate' wrote.")
  private Path file;

  @Option(
      names = "--computed",
      required = true,
      split = ",",
      description = "How many steps are computed; several numbers are compared.")
  private List<Integer> counts;

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

  @Mixin
  private ThreadsOption threads;

  @Override
  void execute() {
    if (output != null) {
      requireWritable(output);
      if (counts.size() != 1) {
        throw UserError.of("CL0605", "-o takes one plan, --computed asks for %d", counts.size());
      }
    }
    Calibration calibration = CalibrationFile.read(file);
    if (refined != null) {
      calibration = refine(calibration);
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
      TraceFile.write(output, PlanRefiner.trace(steps, computed));
      say("wrote %s", output);
    }
  }

  /** Tries plans out; the calibration has each as soon as it is done. */
  private Calibration refine(Calibration calibration) {
    Calibration out = calibration;
    boolean linear = reuse == Reuse.LINEAR;
    try (PlanRefiner refiner =
        new PlanRefiner(refined, calibration, linear, threads.count(), line -> say("%s", line))) {
      for (int count : counts) {
        out = out.with(refiner.refine(count, line -> say("%s", line)));
        CalibrationFile.write(file, out);
      }
    }
    say("wrote %s", file);
    return out;
  }
}
