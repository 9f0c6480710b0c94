package org.quantcache.passes.calibration;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Chooses computed steps under a budget: the shortest path over steps whose edges cost what the forecast between two
 * computed steps adds to the latent, squared. An edge sums the errors of its steps as vectors, since errors in one
 * direction add up; edges are taken as independent. In the manner of LeMiCa, with forecasts of degree one as well.
 */
public final class Planner {
  private final Trajectory trajectory;
  private final boolean linear;
  private final int steps;

  private Planner(Trajectory trajectory, boolean linear) {
    this.trajectory = trajectory;
    this.linear = linear;
    this.steps = trajectory.steps();
  }

  /**
   * The plan of the least expected error.
   *
   * @param computed how many steps are computed, 1..steps
   * @param linear whether the last two values are continued as a line, instead of holding the last one
   * @throws UserError PA0602 for another number of steps
   */
  public static Plan plan(Trajectory trajectory, int computed, boolean linear) {
    int least = linear ? 2 : 1;
    if (computed < least || computed > trajectory.steps()) {
      throw UserError.of(
          "PA0602",
          "a plan of %d computed steps was asked for, expected %d..%d",
          computed,
          least,
          trajectory.steps());
    }
    Planner planner = new Planner(trajectory, linear);
    return linear ? planner.lines(computed) : planner.held(computed);
  }

  /**
   * A plan with what it is expected to cost.
   *
   * @param computed steps that are computed
   * @param error root of the expected squared error of the latent, before the network reacts to it; comparable between
   *     plans of one model
   */
  public record Plan(List<Integer> computed, double error) {}

  /** Shortest path over single steps. */
  private Plan held(int count) {
    double[][] best = filled(count + 1, steps + 1);
    int[][] from = new int[count + 1][steps + 1];
    best[1][0] = 0;
    for (int step = 0; step < steps; step++) {
      double[] cost = segment(step, step);
      for (int c = 1; c <= count; c++) {
        relax(best, from, c, count, step, cost);
      }
    }
    Deque<Integer> path = new ArrayDeque<>();
    int step = from[count][steps];
    for (int c = count; c >= 1; c--) {
      path.push(step);
      step = from[c][step];
    }
    return new Plan(List.copyOf(path), Math.sqrt(best[count][steps]));
  }

  private void relax(double[][] best, int[][] from, int c, int count, int step, double[] cost) {
    if (Double.isInfinite(best[c][step])) {
      return;
    }
    int first = c == count ? steps : step + 1;
    int last = c == count ? steps : steps - 1;
    for (int next = first; next <= last; next++) {
      // Behind the last computed step the path ends with as many computed steps as it has.
      int reached = next == steps ? c : c + 1;
      double total = best[c][step] + cost[next];
      if (total < best[reached][next]) {
        best[reached][next] = total;
        from[reached][next] = step;
      }
    }
  }

  /** Shortest path over pairs of steps: the line depends on the last two. */
  private Plan lines(int count) {
    double[][][] best = new double[count + 1][][];
    int[][][] from = new int[count + 1][steps][steps];
    for (int c = 0; c <= count; c++) {
      best[c] = filled(steps, steps);
    }
    // Before there are two values, the only one is held.
    double[] start = segment(0, 0);
    for (int step = 1; step < steps; step++) {
      best[2][0][step] = start[step];
    }
    double least = Double.POSITIVE_INFINITY;
    int lastButOne = 0;
    int last = 0;
    for (int before = 0; before < steps; before++) {
      for (int step = before + 1; step < steps; step++) {
        double[] cost = segment(before, step);
        for (int c = 2; c < count; c++) {
          for (int next = step + 1; next < steps; next++) {
            double total = best[c][before][step] + cost[next];
            if (total < best[c + 1][step][next]) {
              best[c + 1][step][next] = total;
              from[c + 1][step][next] = before;
            }
          }
        }
        if (best[count][before][step] + cost[steps] < least) {
          least = best[count][before][step] + cost[steps];
          lastButOne = before;
          last = step;
        }
      }
    }
    Deque<Integer> path = new ArrayDeque<>();
    for (int c = count; c >= 2; c--) {
      path.push(last);
      int before = from[c][lastButOne][last];
      last = lastButOne;
      lastButOne = before;
    }
    path.push(0);
    return new Plan(List.copyOf(path), Math.sqrt(least));
  }

  private static double[][] filled(int rows, int columns) {
    double[][] out = new double[rows][columns];
    for (double[] row : out) {
      Arrays.fill(row, Double.POSITIVE_INFINITY);
    }
    return out;
  }

  /**
   * Squared error that steps behind {@code step} add when {@code next} is the next computed one, for each next; the
   * forecast is the line through {@code before} and {@code step}, or the value of {@code step} when they are one.
   */
  private double[] segment(int before, int step) {
    double[] out = new double[steps + 1];
    Arrays.fill(out, Double.POSITIVE_INFINITY);
    double ofBefore = 0;
    double ofStep = 0;
    double squares = 0;
    if (step < steps) {
      out[step + 1] = 0;
    }
    for (int t = step + 1; t < steps; t++) {
      double size = trajectory.stepSizes().get(t);
      double ahead = linear && before != step ? (double) (t - step) / (step - before) : 0;
      double moreBefore = size * ahead;
      double moreStep = -size * (1 + ahead);
      // The error so far, e, grows by d: |e + d|^2 = |e|^2 + 2 <e, d> + |d|^2.
      double cross = 0;
      for (int u = step + 1; u < t; u++) {
        cross +=
            trajectory.stepSizes().get(u) * along(u, before, step, t, moreBefore, moreStep, size);
      }
      cross += ofBefore * along(before, before, step, t, moreBefore, moreStep, size);
      cross += ofStep * along(step, before, step, t, moreBefore, moreStep, size);
      double own = size * along(t, before, step, t, moreBefore, moreStep, size)
          + moreBefore * along(before, before, step, t, moreBefore, moreStep, size)
          + moreStep * along(step, before, step, t, moreBefore, moreStep, size);
      squares = Math.max(0, squares + 2 * cross + own);
      ofBefore += moreBefore;
      ofStep += moreStep;
      out[t + 1] = squares;
    }
    return out;
  }

  /** Product of the value at {@code u} with what step {@code t} adds to the error. */
  private double along(
      int u, int before, int step, int t, double moreBefore, double moreStep, double size) {
    return size * trajectory.product(u, t)
        + moreBefore * trajectory.product(u, before)
        + moreStep * trajectory.product(u, step);
  }
}
