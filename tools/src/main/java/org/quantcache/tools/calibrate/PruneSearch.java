package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Chooses visits of branches to leave out: one after the other, always the one that costs least quality for the work that it
 * saves, on top of those chosen before. What a visit costs is measured again only when it comes to the front, since costs
 * seldom fall while others are left out.
 */
final class PruneSearch {
  /** Differences that are chance. */
  private static final double NOISE_DB = 0.01;

  /** A price per work at which nothing but the work counts, in dB. */
  private static final double ANY_PRICE = 1e9;

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

  /** Chooses candidates in at most {@code mostBranches} branches that save {@code work}, or less if there are no more. */
  Result choose(List<Visit> candidates, double work, int mostBranches) {
    double now = quality.applyAsDouble(Set.of());
    List<Candidate> alone = new ArrayList<>();
    for (Visit visit : candidates) {
      alone.add(new Candidate(visit, now - quality.applyAsDouble(Set.of(visit))));
    }
    Set<String> branches = branches(alone, work, mostBranches);
    PriorityQueue<Candidate> open =
        new PriorityQueue<>(Comparator.comparingDouble(Candidate::price));
    alone.stream().filter(c -> branches.contains(c.visit().branch())).forEach(open::add);
    Set<Visit> chosen = new LinkedHashSet<>();
    while (work(chosen) < work && !open.isEmpty()) {
      Visit next = open.remove().visit();
      chosen.add(next);
      double found = quality.applyAsDouble(chosen);
      Candidate again = new Candidate(next, now - found);
      if (open.isEmpty() || again.price() <= open.peek().price() + NOISE_DB / next.work()) {
        now = found;
      } else {
        chosen.remove(next);
        open.add(again);
      }
    }
    return new Result(new ArrayList<>(chosen), now);
  }

  private static double work(Set<Visit> visits) {
    return visits.stream().mapToDouble(Visit::work).sum();
  }

  /**
   * The branches that save most at the lowest price per work for which {@code most} of them save enough, each left out at
   * those visits that cost no more than that by themselves.
   */
  private static Set<String> branches(List<Candidate> alone, double work, int most) {
    Set<String> best = Set.of();
    DoubleStream prices = alone.stream().mapToDouble(Candidate::price).sorted();
    for (double price : DoubleStream.concat(prices, DoubleStream.of(ANY_PRICE)).toArray()) {
      Map<String, Double> gains = new HashMap<>();
      Map<String, Double> saved = new HashMap<>();
      for (Candidate c : alone) {
        if (c.price() <= price) {
          gains.merge(c.visit().branch(), price * c.visit().work() - c.loss(), Double::sum);
          saved.merge(c.visit().branch(), c.visit().work(), Double::sum);
        }
      }
      best = gains.keySet().stream()
          .sorted(Comparator.<String>comparingDouble(b -> -gains.get(b))
              .thenComparing(Comparator.naturalOrder()))
          .limit(most)
          .collect(Collectors.toSet());
      if (best.stream().mapToDouble(saved::get).sum() >= work) {
        break;
      }
    }
    return best;
  }
}
