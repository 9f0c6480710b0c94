package org.quantcache.kernels.prune;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What the layers of one kind showed of each other: similarity S of neighbours (paper equation 9), and which of them were
 * left out at the current step. Probes of a layer hold what the layer before added; where that one was left out, they
 * compare with an older value, which says nothing and is passed over.
 */
public final class Evidence {
  private final boolean measures;
  private final Map<Integer, Measured> byUpper = new HashMap<>();
  private final Set<Integer> probed = new HashSet<>();
  private final Set<Integer> pruned = new HashSet<>();
  private int step = -1;

  /** S of a layer and the one before; the least of all their probes. */
  private record Measured(int step, double similarity) {}

  Evidence(boolean measures) {
    this.measures = measures;
  }

  /** Whether probes of similarity have to run: decisions that are replayed need none. */
  public boolean measures() {
    return measures;
  }

  /** A probe of {@code layer} saw these sums, {@code [rows or tiles, 5]}, at {@code atStep}. */
  public void compared(int layer, int atStep, FloatBuffer rows) {
    startStep(atStep);
    probed.add(layer);
    if (!probed.contains(layer - 1)) {
      return;
    }
    double cosine = Sums.of(rows).cosine();
    // Layers that add nothing have no direction to be alike in.
    double similarity = Double.isNaN(cosine) ? -1 : cosine;
    byUpper.merge(
        layer,
        new Measured(atStep, similarity),
        (old, now) -> old.step() == now.step() && old.similarity() < now.similarity() ? old : now);
  }

  private void startStep(int now) {
    if (now != step) {
      step = now;
      probed.clear();
      pruned.clear();
    }
  }

  void pruned(int layer, int atStep) {
    startStep(atStep);
    pruned.add(layer);
  }

  boolean wasPruned(int layer, int atStep) {
    return step == atStep && pruned.contains(layer);
  }

  /** S of the two layers before {@code layer}; of {@code atStep}, or of the last step at which both were computed. */
  OptionalDouble before(int layer, int atStep, boolean sameStep) {
    Measured measured = byUpper.get(layer - 1);
    return measured == null || (sameStep && measured.step() != atStep)
        ? OptionalDouble.empty()
        : OptionalDouble.of(measured.similarity());
  }
}
