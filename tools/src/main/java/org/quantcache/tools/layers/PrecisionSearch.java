package org.quantcache.tools.layers;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Looks for few layers that must have more bits so that a whole run stays within an error. Halving finds how many of the
 * layers that are farthest off are enough; then layers are given up again, halves first, down to single ones. What is left
 * is minimal: without any one of its layers the error is too large.
 */
public final class PrecisionSearch {
  /** Runs a build in which some layers have more bits. */
  @FunctionalInterface
  public interface Trials {
    /** Relative L2 of what the run makes to what the lossless build makes. */
    double error(Set<String> widened);
  }

  /**
   * One run.
   *
   * @param widened layers that had more bits
   * @param error relative L2 of what it made
   * @param reaches whether that is little enough
   */
  public record Trial(Set<String> widened, double error, boolean reaches) {
    /** Signal to noise of what it made. */
    public double sqnrDb() {
      return -20 * Math.log10(error);
    }
  }

  /**
   * What came out.
   *
   * @param trials in order
   * @param found the last one that reached the bound
   */
  public record Result(List<Trial> trials, Trial found) {
    public Result {
      trials = ImmutableList.copyOf(trials);
    }
  }

  private final List<String> ranked;
  private final double bound;
  private final Trials trials;
  private final Consumer<Trial> listener;
  private final Map<Set<String>, Trial> made = new LinkedHashMap<>();

  private PrecisionSearch(
      List<String> ranked, double bound, Trials trials, Consumer<Trial> listener) {
    this.ranked = ranked;
    this.bound = bound;
    this.trials = trials;
    this.listener = listener;
  }

  /**
   * Searches.
   *
   * @param ranked layers, the one that is farthest off first
   * @param bound largest relative L2
   * @param listener told of each run
   * @throws UserError CL0745 when the bound is not reached with more bits for all layers
   */
  public static Result search(
      List<String> ranked, double bound, Trials trials, Consumer<Trial> listener) {
    PrecisionSearch search = new PrecisionSearch(ranked, bound, trials, listener);
    List<String> enough = search.shrunk(search.prefix());
    return new Result(List.copyOf(search.made.values()), search.trial(enough));
  }

  private Trial trial(List<String> widened) {
    Set<String> key = new TreeSet<>(widened);
    Trial known = made.get(key);
    if (known != null) {
      return known;
    }
    // Reported in the order of the ranking, so that the first ones are those that count most.
    Set<String> ordered = new LinkedHashSet<>(ranked);
    ordered.retainAll(key);
    double error = trials.error(ordered);
    Trial trial = new Trial(ordered, error, error <= bound);
    made.put(key, trial);
    listener.accept(trial);
    return trial;
  }

  /** The shortest beginning of the ranking that halving finds to be enough. */
  private List<String> prefix() {
    if (trial(List.of()).reaches()) {
      return List.of();
    }
    Trial all = trial(ranked);
    if (!all.reaches()) {
      throw UserError.of(
              "CL0745",
              "with more bits for all %d layers the error is still %.3e (%.2f dB), asked for are %.3e (%.2f dB)",
              ranked.size(),
              all.error(),
              all.sqnrDb(),
              bound,
              -20 * Math.log10(bound))
          .withHint("let layers stay in floats (--widen float), or ask for less");
    }
    int fails = 0;
    int reaches = ranked.size();
    while (reaches - fails > 1) {
      int middle = (fails + reaches) / 2;
      if (trial(ranked.subList(0, middle)).reaches()) {
        reaches = middle;
      } else {
        fails = middle;
      }
    }
    return ranked.subList(0, reaches);
  }

  private List<String> shrunk(List<String> enough) {
    List<String> kept = enough;
    int chunk = Math.max(1, kept.size() / 2);
    while (true) {
      int before = kept.size();
      for (int end = kept.size(); end > 0; end -= chunk) {
        List<String> fewer = new ArrayList<>(kept);
        fewer.subList(Math.max(0, end - chunk), end).clear();
        if (trial(fewer).reaches()) {
          kept = fewer;
        }
      }
      if (chunk == 1 && kept.size() == before) {
        return kept;
      }
      chunk = Math.max(1, chunk / 2);
    }
  }
}
