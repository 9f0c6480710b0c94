package org.quantcache.tools.calibrate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.MeasuredPruning;
import org.quantcache.tools.calibrate.PruneSearch.Visit;

/** Finds out in whole runs which layers a plan of computed steps can do without, and when. */
public final class PruneRefiner implements AutoCloseable {
  /** What a layer adds that is left out: its last value, which takes no more memory than it must. */
  public static final String BYPASS = "reuse=hold";

  private final int steps;
  private final List<Integer> computed;
  private final List<String> layers = new ArrayList<>();
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
    // The first layer always runs: both guidance halves share what it reads, and not what it gives.
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      for (String kind : List.of("spatial", "temporal")) {
        for (int layer = kind.equals("spatial") ? 1 : 0;
            layer < checkpoint.config().depth();
            layer++) {
          for (String part : List.of("attention", "cross", "feed-forward")) {
            layers.add(kind + "." + layer + "." + part);
          }
        }
      }
    }
    // Decisions are replayed, so any plan that names all layers does.
    String all = layers.stream().map(layer -> layer + ":1").collect(Collectors.joining("/"));
    String guarded = "%s,hlc{plan=%d,reuse=linear,reach=1000},srap{plan=%s,%s}"
        .formatted(passes, count, all, BYPASS);
    this.trials = new Trials(model, calibration, cases, guarded, threads, progress);
  }

  /**
   * The visits that cost least.
   *
   * @param count how many are left out
   * @param mostLayers of how many layers at most, since each keeps a value
   * @param progress told how many choices were tried
   */
  public MeasuredPruning choose(int count, int mostLayers, Consumer<String> progress) {
    List<Visit> candidates = new ArrayList<>();
    for (int visit = 1; visit < computed.size(); visit++) {
      for (String layer : layers) {
        candidates.add(new Visit(layer, visit));
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
    PruneSearch.Result result = search.choose(candidates, count, mostLayers);
    Map<String, Set<Long>> visits = new HashMap<>();
    for (Visit visit : result.pruned()) {
      visits.computeIfAbsent(visit.layer(), l -> new TreeSet<>()).add((long) visit.number());
    }
    Map<String, List<Long>> sorted = new HashMap<>();
    visits.forEach((layer, numbers) -> sorted.put(layer, List.copyOf(numbers)));
    return new MeasuredPruning(computed.size(), sorted, full[0] - result.qualityDb());
  }

  private static String text(Set<Visit> pruned) {
    return pruned.isEmpty()
        ? "nothing"
        : pruned.stream().map(v -> v.layer() + ":" + v.number()).collect(Collectors.joining(" "));
  }

  private DecisionTrace decisions(Set<Visit> pruned) {
    Map<String, Set<Integer>> visits = new LinkedHashMap<>();
    layers.forEach(layer -> visits.put(layer, new TreeSet<>()));
    pruned.forEach(visit -> visits.get(visit.layer()).add(visit.number()));
    return PlannedDecisions.of(steps, computed, visits);
  }

  @Override
  public void close() {
    trials.close();
  }
}
