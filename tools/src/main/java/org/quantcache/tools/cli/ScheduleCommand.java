package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.Planner;
import org.quantcache.passes.calibration.Trajectory;
import picocli.CommandLine.Command;
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

  @Override
  void execute() {
    if (output != null) {
      requireWritable(output);
      if (counts.size() != 1) {
        throw UserError.of("CL0605", "-o takes one plan, --computed asks for %d", counts.size());
      }
    }
    Trajectory trajectory = CalibrationFile.read(file).trajectory();
    List<Planner.Plan> plans = new ArrayList<>();
    counts.forEach(count -> plans.add(Planner.plan(trajectory, count, reuse == Reuse.LINEAR)));
    out().printf("%8s %14s  %s%n", "computed", "expected error", "plan");
    plans.forEach(plan -> out()
        .printf(
            Locale.ROOT,
            "%8d %14.4g  %d:%s%n",
            plan.computed().size(),
            plan.error(),
            trajectory.steps(),
            plan.computed().stream().map(String::valueOf).collect(Collectors.joining("/"))));
    if (output != null) {
      TraceFile.write(output, trace(trajectory.steps(), plans.get(0)));
      say("wrote %s", output);
    }
  }

  private static DecisionTrace trace(int steps, Planner.Plan plan) {
    Set<Integer> computed = new HashSet<>(plan.computed());
    List<Decision> decisions = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      decisions.add(
          new Decision(step, computed.contains(step), OptionalDouble.empty(), false, List.of()));
    }
    return new DecisionTrace(steps, Map.of("stack", decisions), Map.of());
  }
}
