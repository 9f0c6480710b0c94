package org.quantcache.passes.aigq;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.quantcache.passes.aigq.BitAllocation.Choice;

/** Bits that are shared out greedily, against all ways to share them out. */
class BitAllocationTest {
  /** The least sum of sensitivities: an exact knapsack over the bits that are left. */
  private static double exact(List<List<Choice>> layers, int layer, long budget) {
    if (layer == layers.size()) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (Choice choice : layers.get(layer)) {
      if (choice.bits() <= budget) {
        double rest = exact(layers, layer + 1, budget - choice.bits());
        best = Math.min(best, choice.sensitivity() + rest);
      }
    }
    return best;
  }

  private static List<Choice> chosen(List<List<Choice>> layers, long budget) {
    List<Integer> numbers = BitAllocation.share(layers, budget);
    List<Choice> out = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      out.add(layers.get(l).get(numbers.get(l)));
    }
    return out;
  }

  private static double sensitivity(List<Choice> choices) {
    return choices.stream().mapToDouble(Choice::sensitivity).sum();
  }

  /** Layers of several sizes at 4, 6, 8 and 16 bits; errors fall as those of rounding do. */
  private static List<List<Choice>> layers(Random random, int sizes) {
    List<List<Choice>> out = new ArrayList<>();
    for (int l = 0; l < 6; l++) {
      long weights = 1 + random.nextInt(sizes);
      double factor = Math.exp(2 * random.nextGaussian());
      List<Choice> choices = new ArrayList<>();
      for (int bits : List.of(16, 4, 8, 6)) {
        choices.add(new Choice(bits * weights, bits == 16 ? 0 : factor * Math.pow(4, -bits)));
      }
      out.add(choices);
    }
    return out;
  }

  @RepeatedTest(40)
  void theBudgetHoldsAndLittleIsLostAgainstTheExactSolution(RepetitionInfo run) {
    Random random = new Random(run.getCurrentRepetition());
    List<List<Choice>> layers = layers(random, 5);
    long least = BitAllocation.least(layers);
    long budget = least + random.nextInt((int) (3 * least));
    List<Choice> chosen = chosen(layers, budget);
    assertThat(chosen.stream().mapToLong(Choice::bits).sum()).isLessThanOrEqualTo(budget);
    double optimum = exact(layers, 0, budget);
    // Greedy on falling returns loses no more than one step that did not fit.
    double step = layers.stream().mapToDouble(l -> l.get(1).sensitivity()).max().orElseThrow();
    assertThat(sensitivity(chosen)).isBetween(optimum * (1 - 1e-9), optimum + step);
  }

  @RepeatedTest(40)
  void layersOfOneSizeAreSharedOutExactly(RepetitionInfo run) {
    Random random = new Random(run.getCurrentRepetition());
    List<List<Choice>> layers = new ArrayList<>();
    for (int l = 0; l < 8; l++) {
      double factor = Math.exp(2 * random.nextGaussian());
      layers.add(List.of(new Choice(4, factor), new Choice(8, factor / 256)));
    }
    long budget = 32 + random.nextInt(33);
    double optimum = exact(layers, 0, budget);
    assertThat(sensitivity(chosen(layers, budget)))
        .isBetween(optimum * (1 - 1e-9), optimum * (1 + 1e-9));
  }

  @Test
  void withoutSpareBitsEveryLayerTakesItsSmallestChoice() {
    List<List<Choice>> layers = layers(new Random(3), 5);
    assertThat(BitAllocation.share(layers, BitAllocation.least(layers))).containsOnly(1);
    assertThat(BitAllocation.share(layers, Long.MAX_VALUE)).containsOnly(0);
  }
}
