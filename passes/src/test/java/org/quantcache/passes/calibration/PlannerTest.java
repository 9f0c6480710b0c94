package org.quantcache.passes.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;

/** Plans against a search through all of them, on paths that are known. */
class PlannerTest {
  /** Products of given values, each a vector. */
  private static Trajectory of(double[][] values, double... sizes) {
    List<List<Double>> products = new ArrayList<>();
    for (double[] a : values) {
      List<Double> row = new ArrayList<>();
      for (double[] b : values) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
          sum += a[i] * b[i];
        }
        row.add(sum);
      }
      products.add(row);
    }
    List<Double> stepSizes = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      stepSizes.add(sizes.length == 0 ? 1.0 : sizes[i]);
    }
    return new Trajectory(products, stepSizes);
  }

  private static double[][] walk(Random random, int steps) {
    double[][] out = new double[steps][4];
    for (int t = 1; t < steps; t++) {
      for (int i = 0; i < 4; i++) {
        out[t][i] = out[t - 1][i] + random.nextGaussian() * (1 + t % 3);
      }
    }
    return out;
  }

  /** The expected error by its definition: vectors, step by step. */
  private static double error(
      double[][] values, double[] sizes, List<Integer> computed, boolean linear) {
    double total = 0;
    for (int k = 0; k < computed.size(); k++) {
      int step = computed.get(k);
      int next = k + 1 < computed.size() ? computed.get(k + 1) : values.length;
      double[] sum = new double[values[0].length];
      for (int t = step + 1; t < next; t++) {
        double ahead = linear && k > 0 ? (double) (t - step) / (step - computed.get(k - 1)) : 0;
        for (int i = 0; i < sum.length; i++) {
          double before = k > 0 ? values[computed.get(k - 1)][i] : 0;
          double foretold = values[step][i] + ahead * (values[step][i] - before);
          sum[i] += sizes[t] * (values[t][i] - foretold);
        }
      }
      for (double s : sum) {
        total += s * s;
      }
    }
    return Math.sqrt(total);
  }

  private static void subsets(int steps, int count, List<Integer> chosen, List<List<Integer>> out) {
    if (chosen.size() == count) {
      out.add(List.copyOf(chosen));
      return;
    }
    for (int next = chosen.get(chosen.size() - 1) + 1; next < steps; next++) {
      chosen.add(next);
      subsets(steps, count, chosen, out);
      chosen.remove(chosen.size() - 1);
    }
  }

  @Test
  void noOtherPlanIsBetter() {
    Random random = new Random(4);
    for (int round = 0; round < 40; round++) {
      int steps = 4 + random.nextInt(6);
      double[][] values = walk(random, steps);
      double[] sizes = random.doubles(steps, 0.2, 2).toArray();
      for (boolean linear : new boolean[] {false, true}) {
        for (int count = 2; count <= steps; count++) {
          List<List<Integer>> all = new ArrayList<>();
          subsets(steps, count, new ArrayList<>(List.of(0)), all);
          double least = all.stream()
              .mapToDouble(c -> error(values, sizes, c, linear))
              .min()
              .orElseThrow();
          Planner.Plan plan = Planner.plan(of(values, sizes), count, linear);
          assertThat(plan.computed()).hasSize(count);
          assertThat(plan.error()).isCloseTo(least, within(1e-6));
          assertThat(error(values, sizes, plan.computed(), linear)).isCloseTo(least, within(1e-6));
        }
      }
    }
  }

  @Test
  void aStraightPathNeedsTwoValuesAndALine() {
    double[][] values = new double[20][1];
    for (int t = 0; t < 20; t++) {
      values[t][0] = 3 * t - 7;
    }
    assertThat(Planner.plan(of(values), 2, true)).isEqualTo(new Planner.Plan(List.of(0, 1), 0));
    assertThat(Planner.plan(of(values), 2, false).error()).isGreaterThan(1);
  }

  @Test
  void stepsAreComputedWhereTheValueChanges() {
    double[][] values = new double[30][1];
    for (int t = 20; t < 30; t++) {
      values[t][0] = (t - 19) * (t - 19);
    }
    List<Integer> computed = Planner.plan(of(values), 6, false).computed();
    assertThat(computed.subList(1, 6)).allMatch(step -> step >= 20);
  }

  @Test
  void budgetsThatCannotBeAreRefused() {
    Trajectory trajectory = of(walk(new Random(1), 5));
    for (int count : new int[] {-1, 0, 6}) {
      assertThatThrownBy(() -> Planner.plan(trajectory, count, true))
          .isInstanceOfSatisfying(
              UserError.class, error -> assertThat(error.code()).isEqualTo("PA0602"));
    }
    assertThat(Planner.plan(trajectory, 5, true).computed()).containsExactly(0, 1, 2, 3, 4);
    assertThat(Planner.plan(trajectory, 1, false).computed()).containsExactly(0);
  }
}
