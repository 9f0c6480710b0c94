package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.util.List;
import java.util.Map;

/**
 * Layers that a plan of computed steps may leave out, measured in whole runs.
 *
 * @param computed how many steps the plan computes
 * @param visits by layer, those visits (counted from 0) at which it is left out, ascending; layers in the order of names
 * @param lossDb what the quality of the calibration cases loses by it, latents over their error, in dB; negative when it
 *     gains
 */
public record MeasuredPruning(int computed, Map<String, List<Long>> visits, double lossDb) {
  /** @throws IllegalArgumentException when visits do not ascend, or a number has no meaning */
  public MeasuredPruning {
    ImmutableSortedMap.Builder<String, List<Long>> sorted = ImmutableSortedMap.naturalOrder();
    visits.forEach((layer, numbers) -> {
      long before = -1;
      for (long visit : numbers) {
        if (visit <= before || visit >= computed) {
          throw new IllegalArgumentException(
              "visits of " + layer + " ascend below " + computed + ", found " + numbers);
        }
        before = visit;
      }
      if (numbers.isEmpty()) {
        throw new IllegalArgumentException("there is a visit of " + layer + " at least");
      }
      sorted.put(layer, ImmutableList.copyOf(numbers));
    });
    visits = sorted.buildOrThrow();
    if (computed < 1 || visits.isEmpty() || !Double.isFinite(lossDb)) {
      throw new IllegalArgumentException("a pruning has computed steps, visits and a loss, found "
          + computed + ", " + visits + ", " + lossDb);
    }
  }

  /** How many visits are left out, all layers together. */
  public long pruned() {
    return visits.values().stream().mapToLong(List::size).sum();
  }
}
