package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.MeasuredPruning;
import org.quantcache.tools.calibrate.PlanRefiner;
import org.quantcache.tools.calibrate.PruneRefiner;

/**
 * Makes plans better in whole runs; the file has each result as soon as it is there.
 *
 * @param file the calibration to keep them in
 * @param options model, cases and what to prune
 * @param passes pipeline in front of the guard
 * @param linear whether steps that are not computed continue a line
 * @param progress told what is going on
 */
record Refinement(
    Path file,
    RefineOptions options,
    String passes,
    boolean linear,
    int threads,
    Consumer<String> progress) {
  /** Moves the computed steps of plans of so many. Returns the calibration with them. */
  Calibration moved(Calibration calibration, List<Integer> counts) {
    Calibration out = calibration;
    try (PlanRefiner refiner = new PlanRefiner(
        options.model(),
        calibration,
        options.cases(calibration),
        passes,
        linear,
        threads,
        progress)) {
      for (int count : counts) {
        out = out.with(refiner.refine(count, progress));
        CalibrationFile.write(file, out);
      }
    }
    return out;
  }

  /** Leaves branches of layers out of plans of so many steps, and tells of each. Returns the calibration with them. */
  Calibration pruned(
      Calibration calibration, List<Integer> counts, Consumer<MeasuredPruning> found) {
    Calibration out = calibration;
    for (int count : counts) {
      try (PruneRefiner refiner = new PruneRefiner(
          options.model(),
          calibration,
          options.cases(calibration),
          passes,
          count,
          threads,
          progress)) {
        MeasuredPruning chosen = refiner.choose(options.share(), options.branches(), progress);
        out = out.with(chosen);
        CalibrationFile.write(file, out);
        found.accept(chosen);
      }
    }
    return out;
  }
}
