package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Chooses visits of branches to leave out: one after the other, always the one that costs least quality for the work that it
 * saves, on top of those chosen before. What a visit costs is measured again only when it comes to the front, since costs
 * seldom fall while others are left out.
 */
final class PruneSearch {
  /** Differences that are chance. */
  private static final double NOISE_DB = 0.01;

  private final ToDoubleFunction<Set<Visit>> quality;

  /** @param quality of a run without these visits, in dB */
  PruneSearch(ToDoubleFunction<Set<Visit>> quality) {
    this.quality = quality;
  }

  /**
   * One visit of a branch.
   *
   * @param number counted from 0
   * @param work that is saved when it is left out, above 0; only the ratio to other visits counts
   */
  record Visit(String branch, int number, double work) {}

  /** What was chosen, in this order, and the quality with all of it left out. */
  record Result(List<Visit> pruned, double qualityDb) {}

  /** A visit, and what was lost when it was left out last. */
  private record Candidate(Visit visit, double loss) {
    double price() {
      return loss / visit.work();
    }
  }

  /**
   * Chooses candidates that save {@code work}, or less if there are no more. Where they belong to more than
   * {@code mostBranches} branches, those that save most are kept, and the choice is made again among their visits.
   */
  Result choose(List<Visit> candidates, double work, int mostBranches) {
    double full = quality.applyAsDouble(Set.of());
    List<Candidate> alone = new ArrayList<>();
    for (Visit visit : candidates) {
      alone.add(new Candidate(visit, full - quality.applyAsDouble(Set.of(visit))));
    }
    Result free = greedy(alone, full, work);
    Map<String, Double> saved = new TreeMap<>();
    free.pruned().forEach(visit -> saved.merge(visit.branch(), visit.work(), Double::sum));
    if (saved.size() <= mostBranches) {
      return free;
    }
    Set<String> kept = saved.keySet().stream()
        .sorted(Comparator.comparingDouble(branch -> -saved.get(branch)))
        .limit(mostBranches)
        .collect(Collectors.toSet());
    return greedy(
        alone.stream().filter(c -> kept.contains(c.visit().branch())).toList(), full, work);
  }

  private Result greedy(List<Candidate> candidates, double full, double work) {
    double now = full;
    double saved = 0;
    PriorityQueue<Candidate> open =
        new PriorityQueue<>(Comparator.comparingDouble(Candidate::price));
    open.addAll(candidates);
    Set<Visit> chosen = new LinkedHashSet<>();
    while (saved < work && !open.isEmpty()) {
      Visit next = open.remove().visit();
      chosen.add(next);
      double found = quality.applyAsDouble(chosen);
      Candidate again = new Candidate(next, now - found);
      if (open.isEmpty() || again.price() <= open.peek().price() + NOISE_DB / next.work()) {
        now = found;
        saved += next.work();
      } else {
        chosen.remove(next);
        open.add(again);
      }
    }
    return new Result(new ArrayList<>(chosen), now);
  }
}
