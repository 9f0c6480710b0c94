package org.quantcache.tools.calibrate;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.MeasuredPlan;
import org.quantcache.passes.calibration.Planner;

/** Moves the computed steps of plans as long as whole runs get better. */
public final class PlanRefiner implements AutoCloseable {
  /** Any plan: decisions are replayed. */
  private static final String GUARD = "%s,hlc{codebook=1,reuse=%s,reach=1000}";

  private final Calibration calibration;
  private final boolean linear;
  private final Trials trials;

  /**
   * Compiles the model and generates the cases in full. A calibration of another model is refused with CL0602.
   *
   * @param model folder of the model that the calibration was made for
   * @param passes pipeline up to the guard
   * @param linear whether steps that are not computed continue a line
   * @param cases what plans are tried out on
   * @param progress told what is going on
   */
  public PlanRefiner(
      Path model,
      Calibration calibration,
      List<Case> cases,
      String passes,
      boolean linear,
      int threads,
      Consumer<String> progress) {
    this.calibration = calibration;
    this.linear = linear;
    String guarded = GUARD.formatted(passes, linear ? "linear" : "hold");
    this.trials = new Trials(model, calibration, cases, guarded, threads, progress);
  }

  /**
   * The plan of the best quality that moving steps leads to.
   *
   * @param computed how many steps are computed
   * @param progress told how many plans were tried
   */
  public MeasuredPlan refine(int computed, Consumer<String> progress) {
    int steps = calibration.trajectory().steps();
    int[] tried = new int[1];
    PlanSearch search = new PlanSearch(steps, plan -> {
      double quality = trials.quality(PlannedDecisions.of(steps, plan));
      progress.accept(
          "%d computed steps, plan %d: %.2f dB".formatted(computed, ++tried[0], quality));
      return quality;
    });
    List<Integer> best =
        search.from(Planner.plan(calibration.trajectory(), computed, linear).computed());
    return new MeasuredPlan(linear, best, search.qualityOf(best));
  }

  @Override
  public void close() {
    trials.close();
  }
}
