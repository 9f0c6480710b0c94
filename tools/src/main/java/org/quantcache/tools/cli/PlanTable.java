package org.quantcache.tools.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.MeasuredPlan;
import org.quantcache.passes.calibration.Planner;

/**
 * The best known plans by their number of computed steps, with the error that they are expected to have or the quality that
 * they were measured to have.
 */
record PlanTable(Calibration calibration, boolean linear) {
  void print(PrintWriter out, List<Integer> counts) {
    out.printf("%8s %14s %9s  %s%n", "computed", "expected error", "measured", "plan");
    counts.forEach(count -> printRow(out, count));
  }

  private void printRow(PrintWriter out, int count) {
    double error = Planner.plan(calibration.trajectory(), count, linear).error();
    Optional<MeasuredPlan> measured = calibration.measured(count, linear);
    out.printf(
        Locale.ROOT,
        "%8d %14s %9s  %d:%s%n",
        count,
        measured.isPresent() ? "-" : String.format(Locale.ROOT, "%.4g", error),
        measured.map(m -> String.format(Locale.ROOT, "%.2f dB", m.qualityDb())).orElse("-"),
        calibration.trajectory().steps(),
        calibration.computedSteps(count, linear).stream()
            .map(String::valueOf)
            .collect(Collectors.joining("/")));
  }
}
