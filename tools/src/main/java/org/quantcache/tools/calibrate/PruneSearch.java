package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Chooses visits of layers to leave out: one after the other, always the one that costs least on top of those chosen before.
 * What a visit costs is measured again only when it comes to the front, since costs seldom fall while others are left out.
 */
final class PruneSearch {
  /** Differences that are chance. */
  private static final double NOISE_DB = 0.01;

  private final ToDoubleFunction<Set<Visit>> quality;

  /** @param quality of a run without these visits, in dB */
  PruneSearch(ToDoubleFunction<Set<Visit>> quality) {
    this.quality = quality;
  }

  /** One visit of a layer, counted from 0. */
  record Visit(String layer, int number) {}

  /** What was chosen, in this order, and the quality with all of it left out. */
  record Result(List<Visit> pruned, double qualityDb) {}

  private record Candidate(Visit visit, double loss) {}

  /** Chooses {@code count} of the candidates in at most {@code mostLayers} layers, or fewer if there are no more. */
  Result choose(List<Visit> candidates, int count, int mostLayers) {
    double now = quality.applyAsDouble(Set.of());
    PriorityQueue<Candidate> open =
        new PriorityQueue<>(Comparator.comparingDouble(Candidate::loss));
    for (Visit visit : candidates) {
      open.add(new Candidate(visit, now - quality.applyAsDouble(Set.of(visit))));
    }
    Set<Visit> chosen = new LinkedHashSet<>();
    while (chosen.size() < count && !open.isEmpty()) {
      Visit next = open.remove().visit();
      Set<String> layers = chosen.stream().map(Visit::layer).collect(Collectors.toSet());
      if (!layers.contains(next.layer()) && layers.size() == mostLayers) {
        continue;
      }
      chosen.add(next);
      double found = quality.applyAsDouble(chosen);
      boolean cheapest = open.isEmpty() || now - found <= open.peek().loss() + NOISE_DB;
      if (cheapest) {
        now = found;
      } else {
        chosen.remove(next);
        open.add(new Candidate(next, now - found));
      }
    }
    return new Result(new ArrayList<>(chosen), now);
  }
}
