package org.quantcache.tools.calibrate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.MeasuredPruning;
import org.quantcache.tools.calibrate.PruneSearch.Visit;

/** Finds out in whole runs which branches of layers a plan of computed steps can do without, and when. */
public final class PruneRefiner implements AutoCloseable {
  /** What a branch adds that is left out: its last value, which takes no more memory than it must. */
  public static final String BYPASS = "reuse=hold";

  private final int steps;
  private final List<Integer> computed;
  private final Map<String, Double> branches;
  private final Trials trials;

  /**
   * Compiles the model and generates the cases in full. A calibration of another model is refused with CL0602.
   *
   * @param model folder of the model that the calibration was made for
   * @param passes pipeline up to the guard
   * @param count computed steps of the plan
   * @param cases what plans are tried out on
   * @param progress told what is going on
   */
  public PruneRefiner(
      Path model,
      Calibration calibration,
      List<Case> cases,
      String passes,
      int count,
      int threads,
      Consumer<String> progress) {
    this.steps = calibration.trajectory().steps();
    this.computed = calibration.computedSteps(count, true);
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      this.branches = branches(checkpoint.config());
    }
    // Decisions are replayed, so any plan that names all branches does.
    String all =
        branches.keySet().stream().map(name -> name + ":1").collect(Collectors.joining("/"));
    String guarded = "%s,hlc{plan=%d,reuse=linear,reach=1000},srap{plan=%s,%s}"
        .formatted(passes, count, all, BYPASS);
    this.trials = new Trials(model, calibration, cases, guarded, threads, progress);
  }

  /** What may be left out, with its part of the work of all blocks: the multiplications of its products with weights. */
  private static Map<String, Double> branches(StditConfig config) {
    // In units of tokens times width times width: q, k, v and the way out; q and the way out; in
    // and out.
    Map<String, Double> parts =
        Map.of("attention", 4.0, "cross", 2.0, "feed-forward", 2 * config.mlpRatio());
    double all =
        2 * config.depth() * parts.values().stream().mapToDouble(part -> part).sum();
    Map<String, Double> out = new TreeMap<>();
    for (String kind : List.of("spatial", "temporal")) {
      for (int layer = 0; layer < config.depth(); layer++) {
        String name = kind + "." + layer + ".";
        parts.forEach((part, work) -> out.put(name + part, work / all));
      }
    }
    // Always runs: both guidance halves share what it reads, and not what it gives.
    out.remove("spatial.0.cross");
    return out;
  }

  /**
   * The visits that cost least.
   *
   * @param share of the work of the computed blocks that is saved, above 0 and below 1
   * @param mostBranches of how many branches at most, since each keeps a value
   * @param progress told how many choices were tried
   */
  public MeasuredPruning choose(double share, int mostBranches, Consumer<String> progress) {
    List<Visit> candidates = new ArrayList<>();
    for (int visit = 1; visit < computed.size(); visit++) {
      for (Map.Entry<String, Double> branch : branches.entrySet()) {
        candidates.add(new Visit(branch.getKey(), visit, branch.getValue() / computed.size()));
      }
    }
    int[] tried = new int[1];
    double[] full = new double[1];
    PruneSearch search = new PruneSearch(pruned -> {
      double quality = trials.quality(decisions(pruned));
      full[0] = pruned.isEmpty() ? quality : full[0];
      progress.accept("%d computed steps, choice %d, without %s: %.2f dB"
          .formatted(computed.size(), ++tried[0], text(pruned), quality));
      return quality;
    });
    PruneSearch.Result result = search.choose(candidates, share, mostBranches);
    Map<String, Set<Long>> visits = new HashMap<>();
    for (Visit visit : result.pruned()) {
      visits.computeIfAbsent(visit.branch(), b -> new TreeSet<>()).add((long) visit.number());
    }
    Map<String, List<Long>> sorted = new HashMap<>();
    visits.forEach((branch, numbers) -> sorted.put(branch, List.copyOf(numbers)));
    return new MeasuredPruning(computed.size(), sorted, full[0] - result.qualityDb());
  }

  private static String text(Set<Visit> pruned) {
    return pruned.isEmpty()
        ? "nothing"
        : pruned.stream().map(v -> v.branch() + ":" + v.number()).collect(Collectors.joining(" "));
  }

  private DecisionTrace decisions(Set<Visit> pruned) {
    Map<String, Set<Integer>> visits = new LinkedHashMap<>();
    branches.keySet().forEach(branch -> visits.put(branch, new TreeSet<>()));
    pruned.forEach(visit -> visits.get(visit.branch()).add(visit.number()));
    return PlannedDecisions.of(steps, computed, visits);
  }

  @Override
  public void close() {
    trials.close();
  }
}
