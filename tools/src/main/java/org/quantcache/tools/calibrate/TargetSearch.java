package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Reached;
import org.quantcache.passes.calibration.Target;

/**
 * Finds the setting that just reaches a target: the fastest one of enough quality, or the best one that is fast enough.
 * Divides what is left again and again, since quality grows along the settings and speed falls. Of those that reach
 * the target, quality decides, since times are disturbed: the least that is enough, or the most that is fast enough.
 */
public final class TargetSearch {
  private TargetSearch() {}

  /**
   * Searches.
   *
   * @param measure tries a pipeline out
   * @throws UserError CL0610 when none that was tried reaches the target; it says what the best one reached
   */
  public static Reached find(Target target, Settings settings, Function<String, Reached> measure) {
    boolean quality = target.measure() == Target.Measure.PSNR;
    List<Reached> tried = new ArrayList<>();
    // Numbers below low and above high are decided: on the side of quality enough, on the other
    // not, or the reverse.
    int low = settings.first();
    int high = settings.last();
    while (low <= high) {
      // Leans to the fast side, where trying out takes less time.
      int middle = low + (high - low) / 3;
      Reached reached = measure.apply(settings.passes().apply(middle));
      tried.add(reached);
      if (target.isMet(reached) == quality) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    Comparator<Reached> least = Comparator.comparingDouble(Reached::psnrDb);
    Comparator<Reached> order = quality ? least : least.reversed();
    return tried.stream().filter(target::isMet).min(order).orElseThrow(() -> {
      Reached best =
          tried.stream().max(Comparator.comparingDouble(target::measured)).orElseThrow();
      return UserError.of(
              "CL0610",
              "no setting reaches %s %s; the best one has %s",
              quality ? "a PSNR of" : "a speed-up of",
              target.number(),
              best.text())
          .withHint(
              quality
                  ? "ask for less, or leave out what rounds in --passes"
                  : "ask for less, or add passes that are fast to --passes");
    });
  }
}
